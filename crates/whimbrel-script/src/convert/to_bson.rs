//! JavaScript values to raw BSON, by the driver's rules.
//!
//! Whole numbers in int32 range become int32, other numbers double; BigInt and Long int64; `undefined` null;
//! functions and symbols are left out; `toBSON` is honoured; a Map is a document in its own order. Options
//! of the operation change some of it. Errors have the driver's text, and the field's path beside it.

use rquickjs::function::This;
use rquickjs::{Array, Ctx, Function, Object, Result, Type, Value};

use super::text::lossy;
use super::{BsonOptions, Classes, MAX_DEPTH, Text, bytes_of};

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
/// The largest document that is written, in bytes: four times what a server takes.
const LARGEST: usize = 64 << 20;

/// The most that the statements of one call may be together, in bytes.
const LARGEST_CALL: usize = 1 << 30;

/// The subtype of binary values that are vectors.
const VECTOR: u8 = 9;
const MIN_KEY: u8 = 0xff;
const MAX_KEY: u8 = 0x7f;

/// An object or Map as a BSON document.
pub(crate) fn document_to_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    value: &Value<'js>,
    options: BsonOptions,
) -> Result<Vec<u8>> {
    let mut writer = Writer::new(ctx, classes, options);
    if value.is_null() || value.is_undefined() {
        return Ok(vec![5, 0, 0, 0, 0]);
    }
    if value.is_array() {
        return Err(writer.fail("serialize does not support an array as the root input"));
    }
    let Some(object) = value.as_object().filter(|o| !o.as_value().is_function()) else {
        return Err(writer.fail("serialize does not support non-object as the root input"));
    };
    if writer.bson_type(object)?.is_some() {
        return Err(writer.fail("BSON types cannot be serialized as a document"));
    }
    if object.is_instance_of(&classes.date)
        || object.is_instance_of(&classes.reg_exp)
        || object.is_instance_of(&classes.array_buffer)
        || bytes_of(value).is_some()
    {
        return Err(
            writer.fail("date, regexp, typedarray, and arraybuffer cannot be BSON documents")
        );
    }
    writer.object(object)?;
    Ok(writer.out)
}

/// Each element of an array as a document.
pub(crate) fn array_to_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    array: &Array<'js>,
    options: BsonOptions,
) -> Result<Vec<Vec<u8>>> {
    let mut size = 0;
    let element = |element: Result<Value<'js>>| {
        let element = element?;
        let writer = Writer::new(ctx, classes, options);
        let converted = writer.to_bson_method(&element)?;
        let value = converted.as_ref().unwrap_or(&element);
        let document = document_to_bson(ctx, classes, value, options)?;
        size += document.len();
        if size > LARGEST_CALL {
            return Err(writer.fail("more than 1 GiB in one call: write in parts"));
        }
        Ok(document)
    };
    array.iter::<Value<'js>>().map(element).collect()
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
    options: BsonOptions,
    out: Vec<u8>,
    /// Objects that are being written, outermost first, to find cycles.
    open: Vec<Value<'js>>,
    /// Their keys, for errors.
    path: Vec<String>,
}

impl<'r, 'js> Writer<'r, 'js> {
    fn new(ctx: &'r Ctx<'js>, classes: &'r Classes<'js>, options: BsonOptions) -> Self {
        let (open, path) = (Vec::new(), Vec::new());
        Self { ctx, classes, options, out: Vec::with_capacity(256), open, path }
    }

    fn fail(&self, what: &str) -> rquickjs::Error {
        self.classes.throw_at(self.ctx, what, &self.path.join("."))
    }

    fn text(&self, string: &rquickjs::String<'js>) -> Result<String> {
        lossy(self.ctx, string)
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

    /// A document. An object that is neither array nor Map may say by `toBSON` what stands for it.
    fn object(&mut self, object: &Object<'js>) -> Result<()> {
        self.enter(object)?;
        self.framed(|writer| {
            if object.is_instance_of(&writer.classes.map) {
                return writer.map_entries(object);
            }
            let Some(converted) = writer.to_bson_method(object.as_value())? else {
                return writer.fields(object);
            };
            if converted.is_null() || converted.is_undefined() {
                let message = "Cannot convert undefined or null to object";
                return Err(rquickjs::Exception::throw_type(writer.ctx, message));
            }
            match converted.as_object().filter(|_| !converted.is_function()) {
                Some(converted) => writer.fields(converted),
                None => Err(writer.fail("toBSON function did not return an object")),
            }
        })?;
        self.open.pop();
        Ok(())
    }

    fn fields(&mut self, object: &Object<'js>) -> Result<()> {
        for entry in object.props::<rquickjs::String<'js>, Value<'js>>() {
            let (key, value) = entry?;
            let key = self.text(&key)?;
            self.field(&key, value)?;
        }
        Ok(())
    }

    fn map_entries(&mut self, map: &Object<'js>) -> Result<()> {
        let entries: Array<'js> = self.classes.array_from.call((map.clone(),))?;
        for entry in entries.iter::<Array<'js>>() {
            let entry = entry?;
            let key: Value<'js> = entry.get(0)?;
            let Some(key) = key.as_string() else {
                let message = format!("a key of a Map must be text, not {}", key.type_name());
                let class: rquickjs::function::Constructor<'js> =
                    self.ctx.globals().get("TypeError")?;
                let error: Object<'js> = class.construct((message,))?;
                error.set("code", "ERR_INVALID_ARG_TYPE")?;
                return Err(self.ctx.throw(error.into_value()));
            };
            let key = self.text(key)?;
            self.field(&key, entry.get(1)?)?;
        }
        Ok(())
    }

    /// One field of a document, whose key has to be a possible one.
    fn field(&mut self, key: &str, value: Value<'js>) -> Result<()> {
        const ALWAYS: [&str; 4] = ["$db", "$ref", "$id", "$clusterTime"];
        let value = self.to_bson_method(&value)?.unwrap_or(value);
        if key.contains('\0') {
            return Err(self.fail(&format!("key {key} must not contain null bytes")));
        }
        if self.options.checks_keys() && !ALWAYS.contains(&key) {
            if key.starts_with('$') {
                return Err(self.fail(&format!("key {key} must not start with '$'")));
            }
            if key.contains('.') {
                return Err(self.fail(&format!("key {key} must not contain '.'")));
            }
        }
        if value.is_undefined() && self.options.ignores_undefined() {
            return Ok(());
        }
        self.element(key, value)
    }

    /// A reference as a document. Its fields are written without a check of their keys, and without
    /// those that are `undefined`.
    fn db_ref(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        let plain = Object::new(self.ctx.clone())?;
        plain.set("$ref", object.get::<_, Value<'js>>("collection")?)?;
        plain.set("$id", object.get::<_, Value<'js>>("oid")?)?;
        let db: Value<'js> = object.get("db")?;
        if !db.is_undefined() && !db.is_null() {
            plain.set("$db", db)?;
        }
        let fields: Option<Object<'js>> = object.get("fields")?;
        for entry in fields.iter().flat_map(Object::props::<rquickjs::String<'js>, Value<'js>>) {
            let (key, value) = entry?;
            plain.set(key, value)?;
        }
        self.head(DOCUMENT, key);
        let outside = self.options;
        self.options = outside.of_reference();
        let written = self.object(&plain);
        self.options = outside;
        written
    }

    fn array(&mut self, array: &Array<'js>) -> Result<()> {
        self.enter(array.as_object())?;
        self.framed(|writer| {
            for index in 0..array.len() {
                let value: Value<'js> = array.get(index)?;
                let value = writer.to_bson_method(&value)?.unwrap_or(value);
                writer.element(&index.to_string(), value)?;
            }
            Ok(())
        })?;
        self.open.pop();
        Ok(())
    }

    /// Refuses what no server could take, before it fills the memory.
    fn check_size(&self) -> Result<()> {
        if self.out.len() <= LARGEST {
            return Ok(());
        }
        Err(self.fail(&format!("a document is larger than {} MiB", LARGEST >> 20)))
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
        self.value(key, value)?;
        self.check_size()?;
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
            Type::Function | Type::Constructor if self.options.serializes_functions() => {
                let text: Text = value.get()?;
                self.put_string(CODE, key, &text.0);
            }
            Type::Symbol | Type::Function | Type::Constructor => {}
            Type::Array => match value.into_array() {
                Some(array) => {
                    self.head(ARRAY, key);
                    self.array(&array)?;
                }
                None => return Err(self.fail("an array that cannot be read")),
            },
            Type::Proxy if self.classes.is_array.call::<_, bool>((value.clone(),))? => {
                let copy: Array<'js> = self.classes.array_from.call((value,))?;
                self.head(ARRAY, key);
                self.array(&copy)?;
            }
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

    /// What the `toBSON` of an object or function gives, if it has one.
    fn to_bson_method(&self, value: &Value<'js>) -> Result<Option<Value<'js>>> {
        let Some(object) = value.as_object() else { return Ok(None) };
        let method: Value<'js> = object.get(self.classes.to_bson.clone())?;
        match method.into_function() {
            Some(method) => Ok(Some(method.call((This(object.clone()),))?)),
            None => Ok(None),
        }
    }

    fn object_value(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        if let Some(kind) = self.bson_type(object)? {
            return self.bson_value(key, &kind, object);
        }
        if object.is_instance_of(&self.classes.date) {
            let get_time: Function<'js> = object.get("getTime")?;
            let millis: f64 = get_time.call((This(object.clone()),))?;
            // An invalid date is NaN, which the driver writes as 0.
            self.put(DATE, key, &(millis as i64).to_le_bytes());
            return Ok(());
        }
        if object.is_instance_of(&self.classes.reg_exp) {
            return self.reg_exp(key, object);
        }
        if let Some(bytes) = bytes_of(object.as_value()) {
            self.head(BINARY, key);
            self.push_binary(&bytes, 0);
            return Ok(());
        }
        self.head(DOCUMENT, key);
        self.object(object)
    }

    /// Which BSON class an object is of. Objects of other versions' classes are taken as they are; what only
    /// claims to be one is refused, as the driver refuses it.
    fn bson_type(&self, object: &Object<'js>) -> Result<Option<String>> {
        let kind: Value<'js> = object.get(self.classes.bson_type.clone())?;
        if kind.is_undefined() || kind.is_null() {
            return Ok(None);
        }
        let has_class = object.get_prototype().is_some_and(|own| own != self.classes.plain);
        match kind.into_string().filter(|_| has_class) {
            Some(kind) => Ok(Some(self.text(&kind)?)),
            None => {
                let message = "Unsupported BSON version, bson types must be from bson 7.x.x";
                let class = &self.classes.bson_version_error;
                Err(self.classes.throw_as(self.ctx, class, message, &self.path.join(".")))
            }
        }
    }

    fn reg_exp(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        let Text(source) = object.get("source")?;
        let Text(flags) = object.get("flags")?;
        if source.contains('\0') {
            return Err(self.fail(&format!("value {source} must not contain null bytes")));
        }
        let mut options = String::new();
        // In this order, as the driver writes them.
        for (flag, option) in [('i', 'i'), ('g', 's'), ('m', 'm')] {
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
            "Decimal128" => match bytes_of(&object.get("bytes")?) {
                Some(bytes) if bytes.len() == 16 => self.put(DECIMAL128, key, &bytes),
                _ => return Err(self.fail("a Decimal128 without its 16 bytes")),
            },
            "Binary" => {
                let position: usize = object.get("position")?;
                let subtype: u8 = object.get("sub_type")?;
                if subtype == VECTOR {
                    self.classes.check_vector.call::<_, ()>((object.clone(),))?;
                }
                let bytes = bytes_of(&object.get("buffer")?);
                let bytes = bytes.as_ref().and_then(|bytes| bytes.get(..position));
                let bytes = bytes.ok_or_else(|| self.fail("a Binary without its bytes"))?;
                self.head(BINARY, key);
                self.push_binary(bytes, subtype);
            }
            "UUID" => {
                let bytes = bytes_of(&object.get("buffer")?).unwrap_or_default();
                self.head(BINARY, key);
                self.push_binary(&bytes, 4);
            }
            "BSONRegExp" => {
                let (Text(pattern), Text(options)) =
                    (object.get("pattern")?, object.get("options")?);
                if pattern.contains('\0') {
                    return Err(
                        self.fail(&format!("pattern {pattern} must not contain null bytes"))
                    );
                }
                let mut sorted: Vec<char> = options.chars().collect();
                sorted.sort_unstable();
                let options: String = sorted.into_iter().collect();
                self.put_regex(key, &pattern, &options);
            }
            "BSONSymbol" | "Symbol" => {
                let Text(value) = object.get("value")?;
                self.put_string(SYMBOL, key, &value);
            }
            "Code" => self.code(key, object)?,
            "MinKey" => self.head(MIN_KEY, key),
            "MaxKey" => self.head(MAX_KEY, key),
            "DBRef" => self.db_ref(key, object)?,
            other => {
                return Err(self.fail(&format!("Unrecognized or invalid _bsontype: {other}")));
            }
        }
        Ok(())
    }

    fn code(&mut self, key: &str, object: &Object<'js>) -> Result<()> {
        let code: Text = object.get("code")?;
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
