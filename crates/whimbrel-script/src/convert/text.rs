//! Text of a script, whatever is in it.

use rquickjs::{Ctx, FromJs, Result, Value};

use super::Classes;

/// A value as text. Unpaired surrogates, which UTF-8 cannot hold, become U+FFFD, as encoders do.
#[derive(Clone, Debug)]
pub(crate) struct Text(pub(crate) String);

impl<'js> FromJs<'js> for Text {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let text: rquickjs::convert::Coerced<rquickjs::String<'js>> = value.get()?;
        lossy(ctx, &text.0).map(Self)
    }
}

/// The text of a string, mended where it has to be.
pub(crate) fn lossy<'js>(ctx: &Ctx<'js>, string: &rquickjs::String<'js>) -> Result<String> {
    match string.to_string() {
        Err(rquickjs::Error::Utf8(_)) => {
            let well_formed = Classes::of(ctx)?.well_formed;
            let mended: rquickjs::String<'js> = well_formed.call((string.clone(),))?;
            mended.to_string()
        }
        other => other,
    }
}
