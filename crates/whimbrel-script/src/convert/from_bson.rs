//! Raw BSON to JavaScript values, with the driver's default promotions: int32, double and safe int64 become
//! numbers, regular expressions and dates the language's own, symbols text.

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{RawArray, RawBsonRef, RawDocument, RawRegexRef};
use rquickjs::object::Property;
use rquickjs::{Array, Ctx, Object, Result, TypedArray, Value};

use super::{Classes, MAX_DEPTH};

/// The largest integer that a JavaScript number holds exactly.
const MAX_SAFE: i64 = 9_007_199_254_740_991;

/// A document as a plain object (or a `DBRef` where it is one).
pub(crate) fn document_from_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    document: &RawDocument,
) -> Result<Value<'js>> {
    Reader { ctx, classes }.document(document, 0)
}

/// An array as an `Array`.
pub(crate) fn array_from_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    array: &RawArray,
) -> Result<Value<'js>> {
    Reader { ctx, classes }.array(array, 0)
}

struct Reader<'r, 'js> {
    ctx: &'r Ctx<'js>,
    classes: &'r Classes<'js>,
}

impl<'js> Reader<'_, 'js> {
    fn damaged(&self, error: &dyn std::fmt::Display) -> rquickjs::Error {
        self.classes.throw(self.ctx, &format!("Invalid BSON from the server: {error}"))
    }

    fn document(&self, document: &RawDocument, depth: usize) -> Result<Value<'js>> {
        if depth > MAX_DEPTH {
            return Err(self.damaged(&format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let object = Object::new(self.ctx.clone())?;
        let mut reference = (false, false);
        for element in document {
            let (key, value) = element.map_err(|e| self.damaged(&e))?;
            let key = key.as_str();
            let value = self.value(value, depth)?;
            match key {
                // An ordinary set would change the prototype.
                "__proto__" => object
                    .prop(key, Property::from(value).writable().enumerable().configurable())?,
                _ => object.set(key, value)?,
            }
            reference.0 |= key == "$ref";
            reference.1 |= key == "$id";
        }
        if reference == (true, true) {
            return self.db_ref(object);
        }
        Ok(object.into_value())
    }

    /// Documents with `$ref` and `$id` are references, as the driver reads them.
    fn db_ref(&self, object: Object<'js>) -> Result<Value<'js>> {
        let collection: Value<'js> = object.get("$ref")?;
        let db: Value<'js> = object.get("$db")?;
        if !collection.is_string() || !(db.is_string() || db.is_undefined()) {
            return Ok(object.into_value());
        }
        let id: Value<'js> = object.get("$id")?;
        for key in ["$ref", "$id", "$db"] {
            object.remove(key)?;
        }
        self.classes.db_ref.construct((collection, id, db, object))
    }

    fn array(&self, array: &RawArray, depth: usize) -> Result<Value<'js>> {
        if depth > MAX_DEPTH {
            return Err(self.damaged(&format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let values = Array::new(self.ctx.clone())?;
        for (index, element) in array.into_iter().enumerate() {
            let value = element.map_err(|e| self.damaged(&e))?;
            values.set(index, self.value(value, depth)?)?;
        }
        Ok(values.into_value())
    }

    fn value(&self, value: RawBsonRef<'_>, depth: usize) -> Result<Value<'js>> {
        let ctx = self.ctx;
        let classes = self.classes;
        Ok(match value {
            RawBsonRef::Double(value) => Value::new_float(ctx.clone(), value),
            RawBsonRef::String(text) | RawBsonRef::Symbol(text) => self.string(text)?,
            RawBsonRef::Document(document) => self.document(document, depth + 1)?,
            RawBsonRef::Array(array) => self.array(array, depth + 1)?,
            RawBsonRef::Boolean(value) => Value::new_bool(ctx.clone(), value),
            RawBsonRef::Null => Value::new_null(ctx.clone()),
            RawBsonRef::Undefined => Value::new_undefined(ctx.clone()),
            RawBsonRef::Int32(value) => Value::new_int(ctx.clone(), value),
            RawBsonRef::Int64(value) if (-MAX_SAFE..=MAX_SAFE).contains(&value) => {
                Value::new_number(ctx.clone(), value as f64)
            }
            RawBsonRef::Int64(value) => {
                classes.long.construct((value as i32, (value >> 32) as i32, false))?
            }
            RawBsonRef::ObjectId(id) => {
                let hex = id.to_hex();
                classes.object_id.construct((hex.as_str(),))?
            }
            RawBsonRef::DateTime(at) => classes.date.construct((at.timestamp_millis() as f64,))?,
            RawBsonRef::Decimal128(value) => {
                let bytes = TypedArray::<u8>::new_copy(ctx.clone(), value.bytes())?;
                classes.decimal128.construct((bytes,))?
            }
            RawBsonRef::Binary(binary) => {
                let bytes = TypedArray::<u8>::new_copy(ctx.clone(), binary.bytes)?;
                match (binary.subtype, binary.bytes.len()) {
                    (BinarySubtype::Uuid, 16) => classes.uuid.construct((bytes,))?,
                    (subtype, _) => classes.binary.construct((bytes, u8::from(subtype)))?,
                }
            }
            RawBsonRef::Timestamp(stamp) => {
                let parts = Object::new(ctx.clone())?;
                parts.set("t", f64::from(stamp.time))?;
                parts.set("i", f64::from(stamp.increment))?;
                classes.timestamp.construct((parts,))?
            }
            RawBsonRef::RegularExpression(pattern) => self.regular_expression(pattern)?,
            RawBsonRef::JavaScriptCode(code) => classes.code.construct((code,))?,
            RawBsonRef::JavaScriptCodeWithScope(code) => {
                let scope = self.document(code.scope, depth + 1)?;
                classes.code.construct((code.code, scope))?
            }
            RawBsonRef::MinKey => classes.min_key.construct(())?,
            RawBsonRef::MaxKey => classes.max_key.construct(())?,
            RawBsonRef::DbPointer(_) => {
                return Err(self.damaged(&"a DBPointer, which is deprecated and not supported"));
            }
        })
    }

    fn string(&self, text: &str) -> Result<Value<'js>> {
        Ok(rquickjs::String::from_str(self.ctx.clone(), text)?.into_value())
    }

    /// `m` and `i` keep their meaning; `s` comes from and goes to JavaScript's `g`, as in the driver.
    fn regular_expression(&self, regex: RawRegexRef<'_>) -> Result<Value<'js>> {
        let flags: String = regex
            .options
            .as_str()
            .chars()
            .filter_map(|option| match option {
                'm' => Some('m'),
                's' => Some('g'),
                'i' => Some('i'),
                _ => None,
            })
            .collect();
        self.classes.reg_exp.construct((regex.pattern.as_str(), flags))
    }
}
