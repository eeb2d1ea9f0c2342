//! Hashes and what is made of them. The algorithms are those of the RustCrypto crates.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use digest::DynDigest;
use hmac::{KeyInit, Mac, SimpleHmac};
use rquickjs::{Ctx, Exception, Function, Object, Result, TypedArray, Value};
use subtle::ConstantTimeEq;

use super::OpState;
use crate::convert::{Text, bytes_of};

/// How many hashes may be under way in one script.
const MOST_HASHES: usize = 100_000;

/// What scrypt may take of the memory, in bytes.
const SCRYPT_MEMORY: f64 = 512.0 * 1024.0 * 1024.0;

/// The longest key that is derived, in bytes.
const LONGEST_KEY: f64 = 64.0 * 1024.0 * 1024.0;

/// Calls `$body` with `$digest` as the type of the algorithm called `$name`; `None` for an unknown one.
macro_rules! with_digest {
    ($name:expr, $digest:ident => $body:expr) => {
        match $name {
            "md5" => {
                type $digest = md5::Md5;
                Some($body)
            }
            "sha1" => {
                type $digest = sha1::Sha1;
                Some($body)
            }
            "sha224" => {
                type $digest = sha2::Sha224;
                Some($body)
            }
            "sha256" => {
                type $digest = sha2::Sha256;
                Some($body)
            }
            "sha384" => {
                type $digest = sha2::Sha384;
                Some($body)
            }
            "sha512" => {
                type $digest = sha2::Sha512;
                Some($body)
            }
            "sha512-224" => {
                type $digest = sha2::Sha512_224;
                Some($body)
            }
            "sha512-256" => {
                type $digest = sha2::Sha512_256;
                Some($body)
            }
            "sha3-224" => {
                type $digest = sha3::Sha3_224;
                Some($body)
            }
            "sha3-256" => {
                type $digest = sha3::Sha3_256;
                Some($body)
            }
            "sha3-384" => {
                type $digest = sha3::Sha3_384;
                Some($body)
            }
            "sha3-512" => {
                type $digest = sha3::Sha3_512;
                Some($body)
            }
            "ripemd160" => {
                type $digest = ripemd::Ripemd160;
                Some($body)
            }
            _ => None,
        }
    };
}

/// As OpenSSL lists them.
const NAMES: [&str; 13] = [
    "md5",
    "ripemd160",
    "sha1",
    "sha224",
    "sha256",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "sha384",
    "sha512",
    "sha512-224",
    "sha512-256",
];

/// The name of an algorithm as it stands in the list: `SHA-256` and `RSA-SHA256` are `sha256`.
fn canonical(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("rsa-").unwrap_or(&name);
    match name {
        "sha-1" => "sha1".to_owned(),
        "rmd160" | "ripemd" => "ripemd160".to_owned(),
        "sha512/224" => "sha512-224".to_owned(),
        "sha512/256" => "sha512-256".to_owned(),
        other => match other.strip_prefix("sha-") {
            Some(bits) => format!("sha{bits}"),
            None => other.to_owned(),
        },
    }
}

/// A hash or HMAC under way.
trait Running {
    fn update(&mut self, bytes: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn copy(&self) -> Box<dyn Running>;
}

struct Hash(Box<dyn DynDigest>);

impl Running for Hash {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_vec()
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(Self(self.0.box_clone()))
    }
}

#[derive(Clone)]
struct Keyed<M>(M);

impl<M: Mac + Clone + 'static> Running for Keyed<M> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_bytes().to_vec()
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }
}

fn start(name: &str, key: Option<&[u8]>) -> Option<Box<dyn Running>> {
    with_digest!(name, D => match key {
        None => Box::new(Hash(Box::new(D::default()))) as Box<dyn Running>,
        Some(key) => match <SimpleHmac<D> as KeyInit>::new_from_slice(key) {
            Ok(mac) => Box::new(Keyed(mac)) as Box<dyn Running>,
            // HMAC takes keys of every length.
            Err(_) => return None,
        },
    })
}

fn pbkdf2(name: &str, password: &[u8], salt: &[u8], rounds: u32, length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    with_digest!(name, D => pbkdf2::pbkdf2::<SimpleHmac<D>>(password, salt, rounds, &mut out))?
        .ok()?;
    Some(out)
}

fn hkdf(name: &str, key: &[u8], salt: &[u8], info: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    let done = with_digest!(name, D => {
        hkdf::SimpleHkdf::<D>::new(Some(salt), key).expand(info, &mut out)
    })?;
    done.ok().map(|()| out)
}

#[derive(Default)]
struct Table {
    running: RefCell<HashMap<u32, Box<dyn Running>>>,
    next: Cell<u32>,
}

impl Table {
    /// `None` when a script has too many that it never finished.
    fn add(&self, hash: Box<dyn Running>) -> Option<u32> {
        if self.running.borrow().len() >= MOST_HASHES {
            return None;
        }
        let id = self.next.get() + 1;
        self.next.set(id);
        self.running.borrow_mut().insert(id, hash);
        Some(id)
    }
}

fn bytes(ctx: &Ctx<'_>, value: &Value<'_>) -> Result<Vec<u8>> {
    bytes_of(value).ok_or_else(|| Exception::throw_type(ctx, "bytes are expected"))
}

fn too_many(ctx: &Ctx<'_>) -> rquickjs::Error {
    Exception::throw_message(
        ctx,
        &format!("{MOST_HASHES} hashes were begun and never finished: call digest() on them"),
    )
}

/// A length that a script gave, in bytes; not more than it could hold.
fn length_of(ctx: &Ctx<'_>, length: f64) -> Result<usize> {
    if (0.0..=LONGEST_KEY).contains(&length) {
        return Ok(length as usize);
    }
    Err(Exception::throw_range(ctx, &format!("a key of {length} bytes cannot be derived")))
}

/// Runs what may take long beside the script's thread, so that the script can be stopped meanwhile. The work
/// itself cannot be: it is left to itself then.
fn interruptible<T: Send + 'static>(
    ctx: &Ctx<'_>,
    state: &OpState,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = sender.send(work());
    });
    loop {
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Timeout) if state.gate.check().is_ok() => {}
            Err(RecvTimeoutError::Timeout) => {
                return Err(Exception::throw_message(ctx, "interrupted"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Exception::throw_message(ctx, "the derivation of a key failed"));
            }
        }
    }
}

fn unsupported(ctx: &Ctx<'_>) -> rquickjs::Error {
    Exception::throw_message(ctx, "Digest method not supported")
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let table: Rc<Table> = Rc::default();

    let t = Rc::clone(&table);
    let new = move |ctx: Ctx<'js>, Text(name): Text, key: Value<'js>| {
        let key = if key.is_null() || key.is_undefined() { None } else { Some(bytes(&ctx, &key)?) };
        let hash = start(&canonical(&name), key.as_deref());
        let hash = hash.ok_or_else(|| unsupported(&ctx))?;
        t.add(hash).ok_or_else(|| too_many(&ctx))
    };
    ops.set("hashNew", Function::new(ctx.clone(), new)?)?;

    let t = Rc::clone(&table);
    let update = move |ctx: Ctx<'js>, id: u32, data: Value<'js>| -> Result<()> {
        let data = bytes(&ctx, &data)?;
        if let Some(hash) = t.running.borrow_mut().get_mut(&id) {
            hash.update(&data);
        }
        Ok(())
    };
    ops.set("hashUpdate", Function::new(ctx.clone(), update)?)?;

    let t = Rc::clone(&table);
    let finish = move |ctx: Ctx<'js>, id: u32| {
        let hash = t.running.borrow_mut().remove(&id);
        TypedArray::<u8>::new_copy(ctx, hash.map(Running::finish).unwrap_or_default())
    };
    ops.set("hashDigest", Function::new(ctx.clone(), finish)?)?;

    let t = Rc::clone(&table);
    let copy = move |ctx: Ctx<'js>, id: u32| {
        let copy = t.running.borrow().get(&id).map(|hash| hash.copy());
        let copy = copy.ok_or_else(|| unsupported(&ctx))?;
        t.add(copy).ok_or_else(|| too_many(&ctx))
    };
    ops.set("hashCopy", Function::new(ctx.clone(), copy)?)?;
    ops.set("hashNames", Function::new(ctx.clone(), || NAMES.to_vec())?)?;
    install_derivation(ctx, state, ops)
}

fn install_derivation<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let derive = move |ctx: Ctx<'js>,
                       name: String,
                       password: Value<'js>,
                       salt: Value<'js>,
                       rounds: f64,
                       length: f64| {
        let (password, salt) = (bytes(&ctx, &password)?, bytes(&ctx, &salt)?);
        let (name, length) = (canonical(&name), length_of(&ctx, length)?);
        let work = move || pbkdf2(&name, &password, &salt, rounds as u32, length);
        let key = interruptible(&ctx, &s, work)?;
        TypedArray::<u8>::new_copy(ctx.clone(), key.ok_or_else(|| unsupported(&ctx))?)
    };
    ops.set("pbkdf2", Function::new(ctx.clone(), derive)?)?;

    let s = Rc::clone(state);
    let derive = move |ctx: Ctx<'js>,
                       password: Value<'js>,
                       salt: Value<'js>,
                       n: f64,
                       r: u32,
                       p: u32,
                       length: f64| {
        let (password, salt) = (bytes(&ctx, &password)?, bytes(&ctx, &salt)?);
        let fail = |error: &dyn std::fmt::Display| {
            Exception::throw_range(&ctx, &format!("Invalid scrypt params: {error}"))
        };
        if 128.0 * f64::from(r) * (n + f64::from(p)) > SCRYPT_MEMORY {
            return Err(fail(&"memory limit exceeded"));
        }
        let params = scrypt::Params::new(n.log2() as u8, r, p).map_err(|error| fail(&error))?;
        let mut out = vec![0; length_of(&ctx, length)?];
        if out.is_empty() {
            return TypedArray::<u8>::new_copy(ctx.clone(), out);
        }
        let work = move || scrypt::scrypt(&password, &salt, &params, &mut out).map(|()| out);
        let key = interruptible(&ctx, &s, work)?.map_err(|error| fail(&error))?;
        TypedArray::<u8>::new_copy(ctx.clone(), key)
    };
    ops.set("scrypt", Function::new(ctx.clone(), derive)?)?;

    let derive = |ctx: Ctx<'js>,
                  name: String,
                  key: Value<'js>,
                  salt: Value<'js>,
                  info: Value<'js>,
                  length: f64| {
        let (key, salt, info) = (bytes(&ctx, &key)?, bytes(&ctx, &salt)?, bytes(&ctx, &info)?);
        let key = hkdf(&canonical(&name), &key, &salt, &info, length_of(&ctx, length)?);
        TypedArray::<u8>::new_copy(ctx.clone(), key.ok_or_else(|| unsupported(&ctx))?)
    };
    ops.set("hkdf", Function::new(ctx.clone(), derive)?)?;

    let equal = |ctx: Ctx<'js>, a: Value<'js>, b: Value<'js>| -> Result<bool> {
        Ok(bytes(&ctx, &a)?.ct_eq(&bytes(&ctx, &b)?).into())
    };
    ops.set("timingSafeEqual", Function::new(ctx.clone(), equal)?)
}
