//! The BSON classes of the façade, looked up once per context.

use rquickjs::function::Constructor;
use rquickjs::{Ctx, Function, JsLifetime, Object, Result, Value};

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
    pub(crate) db_ref: Constructor<'js>,
    pub(crate) min_key: Constructor<'js>,
    pub(crate) max_key: Constructor<'js>,
    pub(crate) date: Constructor<'js>,
    pub(crate) reg_exp: Constructor<'js>,
    pub(crate) map: Constructor<'js>,
    pub(crate) bson_error: Constructor<'js>,
    /// `text => text.toWellFormed()`
    pub(crate) well_formed: Function<'js>,
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
            db_ref: types.get("DBRef")?,
            min_key: types.get("MinKey")?,
            max_key: types.get("MaxKey")?,
            date: globals.get("Date")?,
            reg_exp: globals.get("RegExp")?,
            map: globals.get("Map")?,
            bson_error: installed.get("BSONError")?,
            well_formed: installed.get("wellFormed")?,
        };
        ctx.store_userdata(classes).map(|_| ()).map_err(|_| rquickjs::Error::Unknown)
    }

    /// Those of a context in which the façade is installed.
    pub(crate) fn of(ctx: &Ctx<'js>) -> Result<Self> {
        ctx.userdata::<Self>().map(|classes| (*classes).clone()).ok_or(rquickjs::Error::Unknown)
    }

    /// Throws a `BSONError`.
    pub(crate) fn throw(&self, ctx: &Ctx<'js>, message: &str) -> rquickjs::Error {
        match self.bson_error.construct::<_, Value<'js>>((message,)) {
            Ok(error) => ctx.throw(error),
            Err(error) => error,
        }
    }
}
