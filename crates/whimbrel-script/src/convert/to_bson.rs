//! JavaScript values to raw BSON, by the driver's rules.
//!
//! Whole numbers in int32 range become int32, other numbers double; BigInt and Long int64; `undefined` null;
//! functions and symbols are left out; `toBSON` is honoured; a Map is a document in its own order.
//! Errors name the field's path.

use rquickjs::{Array, Ctx, Function, Object, Result, Type, TypedArray, Value};

use super::{Classes, MAX_DEPTH};

const DOUBLE: u8 = 0x01;
const STRING: u8 = 0x02;
const DOCUMENT: u8 = 0x03;
const ARRAY: u8 = 0x04;
const BINARY: u8 = 0x05;
const OBJECT_ID: u8 = 0x07;
const BOOLEAN: u8 = 0x08;
const DATE: u8 = 0x09;
const NULL: u8 = 0x0a;
const REGEX: u8 = 0x0b;
const CODE: u8 = 0x0d;
const SYMBOL: u8 = 0x0e;
const CODE_WITH_SCOPE: u8 = 0x0f;
const INT32: u8 = 0x10;
const TIMESTAMP: u8 = 0x11;
const INT64: u8 = 0x12;
const DECIMAL128: u8 = 0x13;
const MIN_KEY: u8 = 0xff;
const MAX_KEY: u8 = 0x7f;

/// An object or Map as a BSON document.
pub(crate) fn document_to_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    value: &Value<'js>,
) -> Result<Vec<u8>> {
    let mut writer = Writer::new(ctx, classes);
    let mut value = value.clone();
    if let Some(object) = value.as_object()
        && let Some(converted) = writer.to_bson_method(object)?
    {
        value = converted;
    }
    let Some(object) = value.as_object().filter(|o| !o.as_value().is_function()) else {
        return Err(writer.fail("a document is expected, not a single value"));
    };
    if value.is_array() {
        return Err(writer.fail("a document is expected, not an array"));
    }
    if let Some(kind) = writer.bson_type(object)?
        && kind != "DBRef"
    {
        return Err(writer.fail(&format!("a document is expected, not the BSON value {kind}")));
    }
    writer.object(object)?;
    Ok(writer.out)
}

/// Each element of an array as a document.
pub(crate) fn array_to_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    array: &Array<'js>,
) -> Result<Vec<Vec<u8>>> {
    array.iter::<Value<'js>>().map(|element| document_to_bson(ctx, classes, &element?)).collect()
}

/// Adds one element to a finished document.
pub(crate) fn append(document: &mut Vec<u8>, kind: u8, key: &str, value: &[u8]) {
    document.pop();
    document.push(kind);
    document.extend_from_slice(key.as_bytes());
    document.push(0);
    document.extend_from_slice(value);
    document.push(0);
    let length = (document.len() as i32).to_le_bytes();
    document[..4].copy_from_slice(&length);
}

struct Writer<'r, 'js> {
    ctx: &'r Ctx<'js>,
    classes: &'r Classes<'js>,
    out: Vec<u8>,
    /// Objects that are being written, outermost first, to find cycles.
    open: Vec<Value<'js>>,
    /// Their keys, for errors.
    path: Vec<String>,
}

impl<'r, 'js> Writer<'r, 'js> {
    fn new(ctx: &'r Ctx<'js>, classes: &'r Classes<'js>) -> Self {
        Self { ctx, classes, out: Vec::with_capacity(256), open: Vec::new(), path: Vec::new() }
    }

    fn fail(&self, what: &str) -> rquickjs::Error {
        let message = if self.path.is_empty() {
            what.to_owned()
        } else {
            format!("{what} (at field {})", self.path.join("."))
        };
        self.classes.throw(self.ctx, &message)
    }

    /// Text of a string, with unpaired surrogates replaced as UTF-8 encoders do.
    fn text(&self, string: &rquickjs::String<'js>) -> Result<String> {
        match string.to_string() {
            Err(rquickjs::Error::Utf8(_)) => {
                let mended: rquickjs::String<'js> =
                    self.classes.well_formed.call((string.clone(),))?;
                mended.to_string()
            }
            other => other,
        }
    }

    /// The body of a document or array: length, elements, end.
    fn framed(&mut self, fill: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        fill(self)?;
        self.out.push(0);
        self.patch_length(start)
    }

    fn patch_length(&mut self, start: usize) -> Result<()> {
        let length = i32::try_from(self.out.len() - start)
            .map_err(|_| self.fail("a document is larger than 2 GB"))?;
        self.out[start..start + 4].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    fn enter(&mut self, object: &Object<'js>) -> Result<()> {
        if self.open.iter().any(|ancestor| ancestor == object.as_value()) {
            return Err(self.fail("Cannot convert circular structure to BSON"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.fail(&format!("a document is nested deeper than {MAX_DEPTH} levels")));
        }
        self.open.push(object.as_value().clone());
        Ok(())
    }

    fn object(&mut self, object: &Object<'js>) -> Result<()> {
        self.enter(object)?;
        self.framed(|writer| {
            if object.is_instance_of(&writer.classes.map) {
                return writer.map_entries(object);
            }
            if writer.bson_type(object)?.as_deref() == Some("DBRef") {
                return writer.db_ref(object);
            }
            for entry in object.props::<rquickjs::String<'js>, Value<'js>>() {
                let (key, value) = entry?;
                let key = writer.text(&key)?;
                writer.element(&key, value)?;
            }
            Ok(())
        })?;
        self.open.pop();
        Ok(())
    }

    fn map_entries(&mut self, map: &Object<'js>) -> Result<()> {
        let from: Function<'js> = self.ctx.globals().get::<_, Object<'js>>("Array")?.get("from")?;
        let entries: Array<'js> = from.call((map.clone(),))?;
        for entry in entries.iter::<Array<'js>>() {
            let entry = entry?;
            let key: rquickjs::convert::Coerced<String> = entry.get(0)?;
            self.element(&key.0, entry.get(1)?)?;
        }
        Ok(())
    }

    fn db_ref(&mut self, object: &Object<'js>) -> Result<()> {
        self.element("$ref", object.get("collection")?)?;
        self.element("$id", object.get("oid")?)?;
        let db: Value<'js> = object.get("db")?;
        if !db.is_undefined() && !db.is_null() {
            self.element("$db", db)?;
        }
        let fields: Option<Object<'js>> = object.get("fields")?;
        if let Some(fields) = fields {
            for entry in fields.props::<String, Value<'js>>() {
                let (key, value) = entry?;
                self.element(&key, value)?;
            }
        }
        Ok(())
    }

    fn array(&mut self, array: &Array<'js>) -> Result<()> {
        self.enter(array.as_object())?;
        self.framed(|writer| {
            for index in 0..array.len() {
                let value: Value<'js> = array.get(index)?;
                writer.element(&index.to_string(), value)?;
            }
            Ok(())
        })?;
        self.open.pop();
        Ok(())
    }

    fn head(&mut self, kind: u8, key: &str) {
        self.out.push(kind);
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(0);
    }

    fn put(&mut self, kind: u8, key: &str, bytes: &[u8]) {
        self.head(kind, key);
        self.out.extend_from_slice(bytes);
    }

    fn put_string(&mut self, kind: u8, key: &str, text: &str) {
        self.head(kind, key);
        self.push_string(text);
    }

    fn push_string(&mut self, text: &str) {
        self.out.extend_from_slice(&(text.len() as i32 + 1).to_le_bytes());
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(0);
    }

    fn element(&mut self, key: &str, value: Value<'js>) -> Result<()> {
        self.path.push(key.to_owned());
        if key.contains('\0') {
            return Err(self.fail(&format!("key {key} must not contain null bytes")));
        }
        self.value(key, value)?;
        self.path.pop();
        Ok(())
    }

    fn value(&mut self, key: &str, value: Value<'js>) -> Result<()> {
        match value.type_of() {
            Type::Int => {
                let number = value.as_int().unwrap_or_default();
                self.put(INT32, key, &number.to_le_bytes());
            }
            Type::Float => {
                let number = value.as_float().unwrap_or_default();
                self.number(key, number);
            }
            Type::String => {
                if let Some(string) = value.as_string() {
                    let text = self.text(string)?;
                    self.put_string(STRING, key, &text);
                }
            }
            Type::Bool => {
                self.put(BOOLEAN, key, &[u8::from(value.as_bool().unwrap_or_default())]);
            }
            Type::Null | Type::Undefined | Type::Uninitialized => self.head(NULL, key),
            Type::BigInt => self.big_int(key, value)?,
            Type::Symbol | Type::Function | Type::Constructor => {}
            Type::Array => match value.into_array() {
                Some(array) => {
                    if let Some(converted) = self.to_bson_method(array.as_object())? {
                        return self.converted(key, converted);
                    }
                    self.head(ARRAY, key);
                    self.array(&array)?;
                }
                None => return Err(self.fail("an array that cannot be read")),
            },
            _ => match value.into_object() {
                Some(object) => self.object_value(key, &object)?,
                None => return Err(self.fail("a value that BSON has no type for")),
            },
        }
        Ok(())
    }

    fn number(&mut self, key: &str, number: f64) {
        let whole = number.fract() == 0.0
            && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number)
            && !(number == 0.0 && number.is_sign_negative());
        if whole {
            self.put(INT32, key, &(number as i32).to_le_bytes());
        } else {
            self.put(DOUBLE, key, &number.to_le_bytes());
        }
    }

    /// 64 bits of it, as the driver writes.
    fn big_int(&mut self, key: &str, value: Value<'js>) -> Result<()> {
        let class: Object<'js> = self.ctx.globals().get("BigInt")?;
        let as_int: Function<'js> = class.get("asIntN")?;
        let wrapped: rquickjs::BigInt<'js> = as_int.call((64, value))?;
        self.put(INT64, key, &wrapped.to_i64()?.to_le_bytes());
        Ok(())
    }

    fn to_bson_method(&self, object: &Object<'js>) -> Result<Option<Value<'js>>> {
        let method: Value<'js> = object.get("toBSON")?;
        match method.into_function() {
            Some(method) => Ok(Some(method.call((rquickjs::function::This(object.clone()),))?)),
            None => Ok(None),
        }
    }

    /// What `toBSON` gave, without asking it again.
    fn converted(&mut self, key: &str, value: Value<'js>) -> Result<()> {
        match value.type_of() {
            Type::Array | Type::Object => match value.try_into_array() {
                Ok(array) => {
                    self.head(ARRAY, key);
                    self.array(&array)
                }
                Err(value) => match value.into_object() {
                    Some(object) => self.plain_object_value(key, &object),
                    None => Ok(()),
                },
            },
            _ => self.value(key, value),
        }
    }

    fn object_value(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        if let Some(converted) = self.to_bson_method(object)? {
            return self.converted(key, converted);
        }
        self.plain_object_value(key, object)
    }

    fn plain_object_value(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        if let Some(kind) = self.bson_type(object)? {
            return self.bson_value(key, &kind, object);
        }
        if object.is_instance_of(&self.classes.date) {
            let get_time: Function<'js> = object.get("getTime")?;
            let millis: f64 = get_time.call((rquickjs::function::This(object.clone()),))?;
            // An invalid date is NaN, which the driver writes as 0.
            self.put(DATE, key, &(millis as i64).to_le_bytes());
            return Ok(());
        }
        if object.is_instance_of(&self.classes.reg_exp) {
            return self.reg_exp(key, object);
        }
        if let Ok(bytes) = TypedArray::<u8>::from_value(object.as_value().clone()) {
            let bytes = bytes.as_bytes().ok_or_else(|| self.fail("a detached Uint8Array"))?;
            self.head(BINARY, key);
            self.push_binary(bytes, 0);
            return Ok(());
        }
        self.head(DOCUMENT, key);
        self.object(object)
    }

    fn bson_type(&self, object: &Object<'js>) -> Result<Option<String>> {
        let kind: Value<'js> = object.get("_bsontype")?;
        Ok(match kind.into_string() {
            Some(kind) => Some(kind.to_string()?),
            None => None,
        })
    }

    fn reg_exp(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        let source: String = object.get("source")?;
        let flags: String = object.get("flags")?;
        if source.contains('\0') {
            return Err(self.fail("a regular expression must not contain null bytes"));
        }
        let mut options = String::new();
        for (flag, option) in [('i', 'i'), ('m', 'm'), ('g', 's')] {
            if flags.contains(flag) {
                options.push(option);
            }
        }
        self.put_regex(key, &source, &options);
        Ok(())
    }

    fn put_regex(&mut self, key: &str, pattern: &str, options: &str) {
        self.head(REGEX, key);
        for text in [pattern, options] {
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(0);
        }
    }

    fn push_binary(&mut self, bytes: &[u8], subtype: u8) {
        // The old binary subtype repeats its length.
        let old = subtype == 2;
        let length = bytes.len() as i32 + if old { 4 } else { 0 };
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.push(subtype);
        if old {
            self.out.extend_from_slice(&(bytes.len() as i32).to_le_bytes());
        }
        self.out.extend_from_slice(bytes);
    }

    /// One of the BSON classes, also from another copy of the `bson` package: only properties and methods
    /// that all versions have are used.
    fn bson_value(&mut self, key: &str, kind: &str, object: &Object<'js>) -> Result<()> {
        match kind {
            "ObjectId" | "ObjectID" => {
                let to_hex: Function<'js> = object.get("toHexString")?;
                let hex: String = to_hex.call((rquickjs::function::This(object.clone()),))?;
                let id = mongodb::bson::oid::ObjectId::parse_str(&hex)
                    .map_err(|_| self.fail(&format!("invalid ObjectId {hex}")))?;
                self.put(OBJECT_ID, key, &id.bytes());
            }
            "Long" | "Timestamp" => {
                let (low, high): (i32, i32) = (object.get("low")?, object.get("high")?);
                let value = (i64::from(high) << 32) | i64::from(low as u32);
                let tag = if kind == "Long" { INT64 } else { TIMESTAMP };
                self.put(tag, key, &value.to_le_bytes());
            }
            "Double" => {
                let value: f64 = object.get("value")?;
                self.put(DOUBLE, key, &value.to_le_bytes());
            }
            "Int32" => {
                let value: f64 = object.get("value")?;
                self.put(INT32, key, &(value as i32).to_le_bytes());
            }
            "Decimal128" => {
                let bytes: TypedArray<'js, u8> = object.get("bytes")?;
                match bytes.as_bytes() {
                    Some(bytes) if bytes.len() == 16 => self.put(DECIMAL128, key, bytes),
                    _ => return Err(self.fail("a Decimal128 without its 16 bytes")),
                }
            }
            "Binary" => {
                let buffer: TypedArray<'js, u8> = object.get("buffer")?;
                let position: usize = object.get("position")?;
                let subtype: u8 = object.get("sub_type")?;
                let bytes = buffer.as_bytes().and_then(|bytes| bytes.get(..position));
                let bytes = bytes.ok_or_else(|| self.fail("a Binary without its bytes"))?.to_vec();
                self.head(BINARY, key);
                self.push_binary(&bytes, subtype);
            }
            "UUID" => {
                let buffer: TypedArray<'js, u8> = object.get("buffer")?;
                let bytes = buffer.as_bytes().unwrap_or_default().to_vec();
                self.head(BINARY, key);
                self.push_binary(&bytes, 4);
            }
            "BSONRegExp" => {
                let (pattern, options): (String, String) =
                    (object.get("pattern")?, object.get("options")?);
                let mut sorted: Vec<char> = options.chars().collect();
                sorted.sort_unstable();
                let options: String = sorted.into_iter().collect();
                self.put_regex(key, &pattern, &options);
            }
            "BSONSymbol" | "Symbol" => {
                let value: String = object.get("value")?;
                self.put_string(SYMBOL, key, &value);
            }
            "Code" => self.code(key, object)?,
            "MinKey" => self.head(MIN_KEY, key),
            "MaxKey" => self.head(MAX_KEY, key),
            "DBRef" => {
                self.head(DOCUMENT, key);
                self.object(object)?;
            }
            other => {
                return Err(self.fail(&format!("Unrecognized or invalid _bsontype: {other}")));
            }
        }
        Ok(())
    }

    fn code(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        let code: rquickjs::convert::Coerced<String> = object.get("code")?;
        let scope: Option<Object<'js>> = object.get("scope")?;
        let Some(scope) = scope else {
            self.put_string(CODE, key, &code.0);
            return Ok(());
        };
        self.head(CODE_WITH_SCOPE, key);
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        self.push_string(&code.0);
        self.object(&scope)?;
        self.patch_length(start)
    }
}
