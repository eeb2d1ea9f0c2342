//! Raw BSON to JavaScript values, by the rules of the driver: int32, double and safe int64 become numbers,
//! regular expressions and dates the language's own, symbols text, unless the operation's options say
//! otherwise.
//!
//! The bytes are read here and not through `RawDocument`: text that is no UTF-8 has to fail as it does in
//! the driver, or be mended when asked, where `RawDocument` only refuses.

use rquickjs::object::Property;
use rquickjs::{Array, BigInt, Ctx, Object, Result, TypedArray, Value};

use super::{BsonOptions, Classes, MAX_DEPTH, buffer_from};

/// The largest integer that a JavaScript number holds exactly.
const MAX_SAFE: i64 = 9_007_199_254_740_991;

/// A document as a plain object (or a `DBRef` where it is one).
pub(crate) fn document_from_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    document: &[u8],
    options: BsonOptions,
) -> Result<Value<'js>> {
    Reader::new(ctx, classes, options).whole(document, Frame::Document)
}

/// An array of documents as an `Array`; with `raw`, of Buffers.
pub(crate) fn array_from_bson<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    array: &[u8],
    options: BsonOptions,
) -> Result<Value<'js>> {
    Reader::new(ctx, classes, options).whole(array, Frame::Array)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Document,
    /// The scope of code, which is never a reference.
    Scope,
    Array,
}

struct Reader<'r, 'js> {
    ctx: &'r Ctx<'js>,
    classes: &'r Classes<'js>,
    options: BsonOptions,
}

/// What is left of the bytes of one document.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(i32::from_le_bytes(self.fixed()?)).ok()
    }

    fn c_string(&mut self) -> Option<&'b [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }

    fn string(&mut self) -> Option<&'b [u8]> {
        let length = self.length()?.checked_sub(1)?;
        let text = self.take(length)?;
        (self.take(1)? == [0]).then_some(text)
    }

    /// The bytes of an embedded document, its length included.
    fn document(&mut self) -> Option<&'b [u8]> {
        let length = i32::from_le_bytes(self.0.get(..4)?.try_into().ok()?);
        self.take(usize::try_from(length).ok().filter(|length| *length >= 5)?)
    }
}

impl<'r, 'js> Reader<'r, 'js> {
    fn new(ctx: &'r Ctx<'js>, classes: &'r Classes<'js>, options: BsonOptions) -> Self {
        Self { ctx, classes, options }
    }

    fn fail(&self, message: &str) -> rquickjs::Error {
        self.classes.throw(self.ctx, message)
    }

    fn damaged(&self) -> rquickjs::Error {
        self.fail("corrupt bson message")
    }

    fn whole(&self, bytes: &[u8], frame: Frame) -> Result<Value<'js>> {
        if self.options.uses_big_int() && !self.options.promotes_longs() {
            return Err(self.fail("Must either request bigint or Long for int64 deserialization"));
        }
        let mut rest = Rest(bytes);
        let body = rest.document().filter(|_| rest.0.is_empty());
        self.frame(body.ok_or_else(|| self.damaged())?, frame, 0)
    }

    /// A document or array, with its length and its final zero.
    fn frame(&self, bytes: &[u8], frame: Frame, depth: usize) -> Result<Value<'js>> {
        if depth > MAX_DEPTH {
            return Err(self.fail(&format!("a document is nested deeper than {MAX_DEPTH} levels")));
        }
        let inner = bytes.get(4..bytes.len() - 1).filter(|_| bytes.last() == Some(&0));
        let mut rest = Rest(inner.ok_or_else(|| self.damaged())?);
        match frame {
            Frame::Document | Frame::Scope => self.document(&mut rest, frame, depth),
            Frame::Array => self.array(&mut rest, depth),
        }
    }

    fn document(&self, rest: &mut Rest<'_>, frame: Frame, depth: usize) -> Result<Value<'js>> {
        let object = Object::new(self.ctx.clone())?;
        // What its keys with a dollar say: `None` without any.
        let mut reference = None;
        while let Some(kind) = rest.take(1).map(|kind| kind[0]) {
            let key = rest.c_string().ok_or_else(|| self.damaged())?;
            let key = String::from_utf8_lossy(key);
            let value = self.value(kind, &key, rest, depth)?;
            if key == "__proto__" {
                // An ordinary set would change the prototype.
                let own = Property::from(value).writable().enumerable().configurable();
                object.prop(&*key, own)?;
            } else {
                object.set(&*key, value)?;
            }
            if reference != Some(false) && key.starts_with('$') {
                reference = Some(matches!(&*key, "$ref" | "$id" | "$db"));
            }
        }
        if reference == Some(true) && frame == Frame::Document {
            self.reference(object)
        } else {
            Ok(object.into_value())
        }
    }

    /// Documents with `$ref` and `$id` are references, as the driver reads them.
    fn reference(&self, object: Object<'js>) -> Result<Value<'js>> {
        let (collection, id, db): (Value<'js>, Value<'js>, Value<'js>) =
            (object.get("$ref")?, object.get("$id")?, object.get("$db")?);
        let has_db = object.contains_key("$db")?;
        let is_reference = collection.is_string()
            && !id.is_null()
            && !id.is_undefined()
            && (!has_db || db.is_string());
        if !is_reference {
            return Ok(object.into_value());
        }
        for key in ["$ref", "$id", "$db"] {
            object.remove(key)?;
        }
        self.classes.db_ref.construct((collection, id, db, object))
    }

    fn array(&self, rest: &mut Rest<'_>, depth: usize) -> Result<Value<'js>> {
        let values = Array::new(self.ctx.clone())?;
        let mut index = 0;
        while let Some(kind) = rest.take(1).map(|kind| kind[0]) {
            rest.c_string().ok_or_else(|| self.damaged())?;
            values.set(index, self.value(kind, "", rest, depth)?)?;
            index += 1;
        }
        Ok(values.into_value())
    }

    fn value(&self, kind: u8, key: &str, rest: &mut Rest<'_>, depth: usize) -> Result<Value<'js>> {
        let damaged = || self.damaged();
        let ctx = self.ctx;
        let classes = self.classes;
        Ok(match kind {
            0x01 => {
                let number = f64::from_le_bytes(rest.fixed().ok_or_else(damaged)?);
                if self.options.promotes_values() {
                    Value::new_float(ctx.clone(), number)
                } else {
                    classes.double.construct((number,))?
                }
            }
            0x02 => self.text(self.string(rest)?)?,
            0x03 => {
                let bytes = rest
                    .document()
                    .ok_or_else(|| self.fail("bad embedded document length in bson"))?;
                if self.options.is_raw() {
                    buffer_from(ctx, classes, bytes)?
                } else {
                    self.frame(bytes, Frame::Document, depth + 1)?
                }
            }
            0x04 => {
                let bytes = rest
                    .document()
                    .ok_or_else(|| self.fail("bad embedded array length in bson"))?;
                self.frame(bytes, Frame::Array, depth + 1)?
            }
            0x05 => self.binary(rest)?,
            0x06 => Value::new_undefined(ctx.clone()),
            0x07 => {
                let hex = hex(rest.fixed::<12>().ok_or_else(damaged)?);
                let hex = std::str::from_utf8(&hex).unwrap_or_default();
                classes.object_id.construct((hex,))?
            }
            0x08 => match rest.fixed::<1>().ok_or_else(damaged)? {
                [0] => Value::new_bool(ctx.clone(), false),
                [1] => Value::new_bool(ctx.clone(), true),
                _ => return Err(self.fail("illegal boolean type value")),
            },
            0x09 => {
                let millis = i64::from_le_bytes(rest.fixed().ok_or_else(damaged)?);
                classes.date.construct((millis as f64,))?
            }
            0x0a => Value::new_null(ctx.clone()),
            0x0b => self.regular_expression(rest)?,
            0x0c => {
                let namespace = self.text(self.string(rest)?)?;
                let hex = hex(rest.fixed::<12>().ok_or_else(damaged)?);
                let hex = std::str::from_utf8(&hex).unwrap_or_default();
                let id: Value<'js> = classes.object_id.construct((hex,))?;
                classes.db_ref.construct((namespace, id))?
            }
            0x0d => {
                let code = self.text(self.string(rest)?)?;
                classes.code.construct((code,))?
            }
            0x0e => {
                let symbol = self.text(self.string(rest)?)?;
                if self.options.promotes_values() {
                    symbol
                } else {
                    classes.bson_symbol.construct((symbol,))?
                }
            }
            0x0f => {
                let bytes = rest.document().ok_or_else(damaged)?;
                let mut inner = Rest(&bytes[4..]);
                let code = self.text(self.string(&mut inner)?)?;
                let scope = inner.document().filter(|_| inner.0.is_empty());
                let scope =
                    scope.ok_or_else(|| self.fail("bad scope document size in code_w_scope"))?;
                let scope = self.frame(scope, Frame::Scope, depth + 1)?;
                classes.code.construct((code, scope))?
            }
            0x10 => {
                let number = i32::from_le_bytes(rest.fixed().ok_or_else(damaged)?);
                if self.options.promotes_values() {
                    Value::new_int(ctx.clone(), number)
                } else {
                    classes.int32.construct((number,))?
                }
            }
            0x11 => {
                let [increment, time] = [
                    u32::from_le_bytes(rest.fixed().ok_or_else(damaged)?),
                    u32::from_le_bytes(rest.fixed().ok_or_else(damaged)?),
                ];
                let parts = Object::new(ctx.clone())?;
                parts.set("t", f64::from(time))?;
                parts.set("i", f64::from(increment))?;
                classes.timestamp.construct((parts,))?
            }
            0x12 => self.long(i64::from_le_bytes(rest.fixed().ok_or_else(damaged)?))?,
            0x13 => {
                let bytes = rest.fixed::<16>().ok_or_else(damaged)?;
                let bytes = TypedArray::<u8>::new_copy(ctx.clone(), bytes)?;
                classes.decimal128.construct((bytes,))?
            }
            0xff => classes.min_key.construct(())?,
            0x7f => classes.max_key.construct(())?,
            unknown => {
                return Err(self.fail(&format!(
                    "Detected unknown BSON type {unknown:x} for fieldname \"{key}\""
                )));
            }
        })
    }

    fn long(&self, value: i64) -> Result<Value<'js>> {
        if self.options.uses_big_int() {
            return Ok(BigInt::from_i64(self.ctx.clone(), value)?.into_value());
        }
        if self.options.promotes_longs() && (-MAX_SAFE..=MAX_SAFE).contains(&value) {
            return Ok(Value::new_number(self.ctx.clone(), value as f64));
        }
        self.classes.long.construct((value as i32, (value >> 32) as i32, false))
    }

    fn string<'b>(&self, rest: &mut Rest<'b>) -> Result<&'b [u8]> {
        rest.string().ok_or_else(|| self.fail("bad string length in bson"))
    }

    fn text(&self, bytes: &[u8]) -> Result<Value<'js>> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => rquickjs::String::from_str(self.ctx.clone(), text)?,
            Err(_) if self.options.mends_text() => {
                rquickjs::String::from_str(self.ctx.clone(), &String::from_utf8_lossy(bytes))?
            }
            Err(_) => return Err(self.fail("Invalid UTF-8 string in BSON document")),
        };
        Ok(text.into_value())
    }

    fn binary(&self, rest: &mut Rest<'_>) -> Result<Value<'js>> {
        let length =
            rest.length().ok_or_else(|| self.fail("Negative binary type element size found"))?;
        let [subtype] = rest.fixed().ok_or_else(|| self.damaged())?;
        let bytes = rest
            .take(length)
            .ok_or_else(|| self.fail("Binary type size larger than document size"))?;
        let bytes = if subtype == 2 { self.old_binary(bytes)? } else { bytes };
        let buffer = buffer_from(self.ctx, self.classes, bytes)?;
        if self.options.promotes_buffers() {
            return Ok(buffer);
        }
        match (subtype, bytes.len()) {
            (4, 16) => self.classes.uuid.construct((buffer,)),
            _ => self.classes.binary.construct((buffer, subtype)),
        }
    }

    /// The old subtype repeats its length.
    fn old_binary<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8]> {
        let mut rest = Rest(bytes);
        let length = rest
            .length()
            .ok_or_else(|| self.fail("Negative binary type element size found for subtype 0x02"))?;
        match length.cmp(&rest.0.len()) {
            std::cmp::Ordering::Equal => Ok(rest.0),
            std::cmp::Ordering::Greater => {
                Err(self.fail("Binary type with subtype 0x02 contains too long binary size"))
            }
            std::cmp::Ordering::Less => {
                Err(self.fail("Binary type with subtype 0x02 contains too short binary size"))
            }
        }
    }

    /// `m` and `i` keep their meaning; `s` comes from and goes to JavaScript's `g`, as in the driver.
    fn regular_expression(&self, rest: &mut Rest<'_>) -> Result<Value<'js>> {
        let illegal = || self.fail("Bad BSON Document: illegal CString");
        let pattern = String::from_utf8_lossy(rest.c_string().ok_or_else(illegal)?);
        let options = String::from_utf8_lossy(rest.c_string().ok_or_else(illegal)?);
        if self.options.keeps_bson_reg_exp() {
            return self.classes.bson_reg_exp.construct((&*pattern, &*options));
        }
        let flags: String = options
            .chars()
            .filter_map(|option| match option {
                'm' => Some('m'),
                's' => Some('g'),
                'i' => Some('i'),
                _ => None,
            })
            .collect();
        self.classes.reg_exp.construct((&*pattern, flags))
    }
}

/// Lower-case hexadecimal digits.
fn hex(bytes: [u8; 12]) -> [u8; 24] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 24];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}
