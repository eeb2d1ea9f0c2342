//! Bytes across the border.

use rquickjs::{Ctx, Object, Result, TypedArray, Value};

use super::Classes;

/// A copy of the bytes of a `Uint8Array` (a Buffer is one); `None` when it is none, or detached.
pub(crate) fn bytes_of(value: &Value<'_>) -> Option<Vec<u8>> {
    let array = TypedArray::<u8>::from_value(value.clone()).ok()?;
    copied(&array)
}

#[allow(unsafe_code)]
fn copied(array: &TypedArray<'_, u8>) -> Option<Vec<u8>> {
    // SAFETY: the slice is copied before anything of the engine can run.
    unsafe { array.as_bytes() }.map(<[u8]>::to_vec)
}

/// Bytes as a Buffer.
pub(crate) fn buffer_from<'js>(
    ctx: &Ctx<'js>,
    classes: &Classes<'js>,
    bytes: &[u8],
) -> Result<Value<'js>> {
    let array = TypedArray::<u8>::new_copy(ctx.clone(), bytes)?;
    let object: Object<'js> = array.into_object();
    let prototype: Object<'js> = classes.buffer_prototype.call(())?;
    object.set_prototype(Some(&prototype))?;
    Ok(object.into_value())
}
