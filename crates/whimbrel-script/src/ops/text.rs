//! Text, bytes and URLs, where the engine would take long or has nothing.

use rquickjs::function::Opt;
use rquickjs::{Ctx, Function, Object, Result, TypedArray, Value};
use url::Url;

use crate::convert::{Text, bytes_of};

pub(super) fn install<'js>(ctx: &Ctx<'js>, ops: &Object<'js>) -> Result<()> {
    let encode =
        |ctx: Ctx<'js>, text: rquickjs::String<'js>| -> Result<Option<TypedArray<'js, u8>>> {
            match text.to_string() {
                Ok(text) => TypedArray::<u8>::new_copy(ctx, text.into_bytes()).map(Some),
                // Unpaired surrogates: the caller replaces them first.
                Err(rquickjs::Error::Utf8(_)) => Ok(None),
                Err(error) => Err(error),
            }
        };
    ops.set("utf8Encode", Function::new(ctx.clone(), encode)?)?;

    let decode = |bytes: Value<'js>| {
        String::from_utf8_lossy(&bytes_of(&bytes).unwrap_or_default()).into_owned()
    };
    ops.set("utf8Decode", Function::new(ctx.clone(), decode)?)?;

    let base64 = |bytes: Value<'js>, url_safe: bool| {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let bytes = bytes_of(&bytes).unwrap_or_default();
        if url_safe { URL_SAFE_NO_PAD.encode(bytes) } else { STANDARD.encode(bytes) }
    };
    ops.set("base64Encode", Function::new(ctx.clone(), base64)?)?;

    let hex = |bytes: Value<'js>| hex::encode(bytes_of(&bytes).unwrap_or_default());
    ops.set("hexEncode", Function::new(ctx.clone(), hex)?)?;

    let parse = |ctx: Ctx<'js>, Text(input): Text, base: Opt<Option<Text>>| -> Result<Value<'js>> {
        let parsed = match base.0.flatten() {
            Some(Text(base)) => Url::parse(&base).and_then(|base| base.join(&input)),
            None => Url::parse(&input),
        };
        described(ctx, parsed.ok().as_ref())
    };
    ops.set("urlParse", Function::new(ctx.clone(), parse)?)?;

    let set = |ctx: Ctx<'js>, href: String, property: String, Text(value): Text| {
        let url = Url::parse(&href).ok().and_then(|mut url| {
            // A part that cannot be changed so stays as it was, as the URL standard says.
            let _ = match property.as_str() {
                "href" => return Url::parse(&value).ok(),
                "protocol" => url::quirks::set_protocol(&mut url, &value),
                "username" => url::quirks::set_username(&mut url, &value),
                "password" => url::quirks::set_password(&mut url, &value),
                "host" => url::quirks::set_host(&mut url, &value),
                "hostname" => url::quirks::set_hostname(&mut url, &value),
                "port" => url::quirks::set_port(&mut url, &value),
                "pathname" => {
                    url::quirks::set_pathname(&mut url, &value);
                    Ok(())
                }
                "search" => {
                    url::quirks::set_search(&mut url, &value);
                    Ok(())
                }
                "hash" => {
                    url::quirks::set_hash(&mut url, &value);
                    Ok(())
                }
                _ => Err(()),
            };
            Some(url)
        });
        described(ctx, url.as_ref())
    };
    ops.set("urlSet", Function::new(ctx.clone(), set)?)
}

/// The parts of a URL under their names in JavaScript; null for none.
fn described<'js>(ctx: Ctx<'js>, url: Option<&Url>) -> Result<Value<'js>> {
    let Some(url) = url else { return Ok(Value::new_null(ctx)) };
    let parts = Object::new(ctx)?;
    parts.set("href", url::quirks::href(url))?;
    parts.set("origin", url::quirks::origin(url))?;
    parts.set("protocol", url::quirks::protocol(url))?;
    parts.set("username", url::quirks::username(url))?;
    parts.set("password", url::quirks::password(url))?;
    parts.set("host", url::quirks::host(url))?;
    parts.set("hostname", url::quirks::hostname(url))?;
    parts.set("port", url::quirks::port(url))?;
    parts.set("pathname", url::quirks::pathname(url))?;
    parts.set("search", url::quirks::search(url))?;
    parts.set("hash", url::quirks::hash(url))?;
    Ok(parts.into_value())
}
