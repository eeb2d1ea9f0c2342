//! Output, timers, environment: what a script sees of the machine besides files.

use std::rc::Rc;

use mongodb::bson::Document;
use rand::RngCore;
use rquickjs::{Ctx, Function, Object, Result, TypedArray, Value};
use whimbrel_core::body::{Said, Trust};

use super::{OpState, level_of, timers};
use crate::convert::{BsonOptions, Classes, Text, document_to_bson};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<OpState>, ops: &Object<'js>) -> Result<()> {
    let s = Rc::clone(state);
    let print = move |level: String, text: Text| {
        s.print(&level, &text.0);
    };
    ops.set("print", Function::new(ctx.clone(), print)?)?;

    let s = Rc::clone(state);
    let log = move |ctx: Ctx<'js>, level: String, message: Text, fields: Value<'js>| {
        let options = BsonOptions::default();
        let bytes = document_to_bson(&ctx, &Classes::of(&ctx)?, &fields, options)?;
        let fields = Document::from_reader(bytes.as_slice()).unwrap_or_default();
        s.say(Said::Log { level: level_of(&level), message: message.0, fields });
        Ok::<_, rquickjs::Error>(())
    };
    ops.set("log", Function::new(ctx.clone(), log)?)?;

    let s = Rc::clone(state);
    let progress = move |done: f64, total: Option<f64>| {
        let total = total.map(|total| total as u64);
        s.say(Said::Progress { done: done as u64, total });
    };
    ops.set("progress", Function::new(ctx.clone(), progress)?)?;

    timers::install(ctx, &state.timers, ops)?;

    let random = |ctx: Ctx<'js>, count: usize| {
        let mut bytes = vec![0; count.min(1 << 16)];
        rand::rng().fill_bytes(&mut bytes);
        TypedArray::<u8>::new_copy(ctx, bytes)
    };
    ops.set("random", Function::new(ctx.clone(), random)?)?;

    let s = Rc::clone(state);
    let environment = move |ctx: Ctx<'js>| -> Result<Object<'js>> {
        let object = Object::new(ctx)?;
        if s.trust == Trust::Project {
            for (name, value) in &s.environment {
                object.set(name.as_str(), value.as_str())?;
            }
        }
        Ok(object)
    };
    ops.set("environment", Function::new(ctx.clone(), environment)?)?;

    let s = Rc::clone(state);
    let os_info = move |ctx: Ctx<'js>| os_info(ctx, &s);
    ops.set("osInfo", Function::new(ctx.clone(), os_info)?)?;

    ops.set("residentMemory", Function::new(ctx.clone(), resident_memory)?)?;

    let started = std::time::Instant::now();
    let now = move || started.elapsed().as_secs_f64() * 1000.0;
    ops.set("now", Function::new(ctx.clone(), now)?)?;

    let s = Rc::clone(state);
    ops.set("projectFolder", Function::new(ctx.clone(), move || s.files.root())?)
}

/// What `os` tells. Code from the history learns nothing of the machine.
fn os_info<'js>(ctx: Ctx<'js>, state: &OpState) -> Result<Object<'js>> {
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    let info = Object::new(ctx)?;
    info.set("platform", platform)?;
    info.set("arch", arch)?;
    let known = |name: &str| {
        let variable = state.environment.iter().find(|(key, _)| key == name);
        variable.filter(|_| state.trust == Trust::Project).map(|(_, value)| value.clone())
    };
    let text = |names: &[&str], otherwise: &str| {
        names.iter().find_map(|name| known(name)).unwrap_or_else(|| otherwise.to_owned())
    };
    let host = match state.trust {
        Trust::Project => host_name(),
        Trust::Stored => String::new(),
    };
    info.set("hostname", host)?;
    info.set("release", "")?;
    info.set(
        "type",
        match platform {
            "darwin" => "Darwin",
            "win32" => "Windows_NT",
            _ => "Linux",
        },
    )?;
    info.set("cpus", std::thread::available_parallelism().map_or(1, usize::from) as f64)?;
    let (total, free) = memory();
    info.set("totalmem", total)?;
    info.set("freemem", free)?;
    info.set("homedir", text(&["HOME", "USERPROFILE"], "/"))?;
    info.set("tmpdir", text(&["TMPDIR", "TEMP", "TMP"], "/tmp"))?;
    info.set("username", text(&["USER", "LOGNAME", "USERNAME"], ""))?;
    info.set("uptime", 0)?;
    Ok(info)
}

#[cfg(unix)]
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host_name() -> String {
    String::new()
}

/// All and free memory in bytes, where the system tells.
#[cfg(target_os = "linux")]
fn memory() -> (f64, f64) {
    let info = rustix::system::sysinfo();
    let bytes = |units: u64| (units * u64::from(info.mem_unit)) as f64;
    (bytes(info.totalram as u64), bytes(info.freeram as u64))
}

#[cfg(not(target_os = "linux"))]
fn memory() -> (f64, f64) {
    (0.0, 0.0)
}

/// What the process has in memory, in bytes, where the system tells; 0 elsewhere.
fn resident_memory() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok());
    pages.unwrap_or_default() * 4096.0
}
