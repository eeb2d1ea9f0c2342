//! The BSON classes of the façade, looked up once per context.

use rquickjs::function::Constructor;
use rquickjs::{Atom, Ctx, Function, JsLifetime, Object, Result};

/// Constructors that the conversion calls.
#[derive(Clone)]
pub(crate) struct Classes<'js> {
    pub(crate) object_id: Constructor<'js>,
    pub(crate) long: Constructor<'js>,
    pub(crate) decimal128: Constructor<'js>,
    pub(crate) binary: Constructor<'js>,
    pub(crate) uuid: Constructor<'js>,
    pub(crate) timestamp: Constructor<'js>,
    pub(crate) code: Constructor<'js>,
    pub(crate) double: Constructor<'js>,
    pub(crate) int32: Constructor<'js>,
    pub(crate) bson_reg_exp: Constructor<'js>,
    pub(crate) bson_symbol: Constructor<'js>,
    pub(crate) db_ref: Constructor<'js>,
    pub(crate) min_key: Constructor<'js>,
    pub(crate) max_key: Constructor<'js>,
    pub(crate) date: Constructor<'js>,
    pub(crate) reg_exp: Constructor<'js>,
    pub(crate) map: Constructor<'js>,
    pub(crate) array_buffer: Constructor<'js>,
    pub(crate) is_array: Function<'js>,
    pub(crate) array_from: Function<'js>,
    pub(crate) bson_error: Constructor<'js>,
    pub(crate) bson_version_error: Constructor<'js>,
    /// The prototype of plain objects.
    pub(crate) plain: Object<'js>,
    /// `text => text.toWellFormed()`
    pub(crate) well_formed: Function<'js>,
    /// Gives what makes a `Uint8Array` a Buffer; a function, so that Buffer is loaded when it is needed.
    pub(crate) buffer_prototype: Function<'js>,
    /// Throws where a Binary is no well-formed vector.
    pub(crate) check_vector: Function<'js>,
    /// `toBSON` and `_bsontype`, asked of every object that is written.
    pub(crate) to_bson: Atom<'js>,
    pub(crate) bson_type: Atom<'js>,
}

// SAFETY: the struct's only lifetime is the `'js` of the engine values it holds, and `Changed` is the
// same struct with that lifetime replaced.
#[allow(unsafe_code)]
unsafe impl<'js> JsLifetime<'js> for Classes<'js> {
    type Changed<'to> = Classes<'to>;
}

impl<'js> Classes<'js> {
    /// Collects them from what the façade's `install` returned and from the globals, and keeps them with
    /// the context.
    pub(crate) fn install(ctx: &Ctx<'js>, installed: &Object<'js>) -> Result<()> {
        let types: Object<'js> = installed.get("types")?;
        let globals = ctx.globals();
        let classes = Self {
            object_id: types.get("ObjectId")?,
            long: types.get("Long")?,
            decimal128: types.get("Decimal128")?,
            binary: types.get("Binary")?,
            uuid: types.get("UUID")?,
            timestamp: types.get("Timestamp")?,
            code: types.get("Code")?,
            double: types.get("Double")?,
            int32: types.get("Int32")?,
            bson_reg_exp: types.get("BSONRegExp")?,
            bson_symbol: types.get("BSONSymbol")?,
            db_ref: types.get("DBRef")?,
            min_key: types.get("MinKey")?,
            max_key: types.get("MaxKey")?,
            date: installed.get("NativeDate")?,
            reg_exp: globals.get("RegExp")?,
            map: globals.get("Map")?,
            array_buffer: globals.get("ArrayBuffer")?,
            is_array: globals.get::<_, Object<'js>>("Array")?.get("isArray")?,
            array_from: installed.get("arrayFrom")?,
            bson_error: installed.get("BSONError")?,
            bson_version_error: types.get("BSONVersionError")?,
            plain: globals.get::<_, Object<'js>>("Object")?.get("prototype")?,
            well_formed: installed.get("wellFormed")?,
            buffer_prototype: installed.get("bufferPrototype")?,
            check_vector: installed.get("checkVector")?,
            to_bson: Atom::from_str(ctx.clone(), "toBSON")?,
            bson_type: Atom::from_str(ctx.clone(), "_bsontype")?,
        };
        ctx.store_userdata(classes).map(|_| ()).map_err(|_| rquickjs::Error::Unknown)
    }

    /// Those of a context in which the façade is installed.
    pub(crate) fn of(ctx: &Ctx<'js>) -> Result<Self> {
        ctx.userdata::<Self>().map(|classes| (*classes).clone()).ok_or(rquickjs::Error::Unknown)
    }

    /// Throws a `BSONError`.
    pub(crate) fn throw(&self, ctx: &Ctx<'js>, message: &str) -> rquickjs::Error {
        self.throw_at(ctx, message, "")
    }

    /// Throws a `BSONError` about a field. The message is the driver's, so the path of the field is told
    /// apart from it, in the property `fieldPath`.
    pub(crate) fn throw_at(&self, ctx: &Ctx<'js>, message: &str, path: &str) -> rquickjs::Error {
        self.throw_as(ctx, &self.bson_error, message, path)
    }

    /// As [`Classes::throw_at`], of one of the subclasses.
    pub(crate) fn throw_as(
        &self,
        ctx: &Ctx<'js>,
        class: &Constructor<'js>,
        message: &str,
        path: &str,
    ) -> rquickjs::Error {
        let thrown = || -> Result<rquickjs::Error> {
            let error: Object<'js> = class.construct((message,))?;
            if !path.is_empty() {
                error.prop("fieldPath", rquickjs::object::Property::from(path).configurable())?;
            }
            Ok(ctx.throw(error.into_value()))
        };
        thrown().unwrap_or_else(|error| error)
    }
}
