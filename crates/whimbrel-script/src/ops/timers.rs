//! Timers: run in the order in which they are due, as in Node.js, one at a time; before them what `nextTick`
//! was given.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::{Ctx, Function, Object, Persistent, Result, Value};
use tokio::sync::Notify;

/// The timers of one script.
#[derive(Default)]
pub(crate) struct Timers {
    /// By when they are due; the number tells apart those due at once, in the order they were set.
    waiting: RefCell<BTreeMap<(Instant, u32), Timer>>,
    /// What runs as soon as no promise has anything left to do.
    ticks: RefCell<VecDeque<Persistent<Function<'static>>>>,
    next: Cell<u32>,
    /// The one whose callback runs now, unless it was cleared meanwhile.
    running: Cell<Option<u32>>,
    changed: Notify,
    is_driven: Cell<bool>,
}

struct Timer {
    callback: Persistent<Function<'static>>,
    every: Option<Duration>,
    /// Whether the script wants it to be waited for (`unref` says no).
    counts: Cell<bool>,
}

impl Timers {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty() && self.ticks.borrow().is_empty()
    }

    /// Whether one fires within this time that is worth waiting for: no interval, and none that was unref'd.
    pub(crate) fn is_due_within(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let waiting = self.waiting.borrow();
        let mut soon = waiting.iter().take_while(|(key, _)| key.0 <= until);
        !self.ticks.borrow().is_empty()
            || soon.any(|(_, timer)| timer.counts.get() && timer.every.is_none())
    }

    /// How many are set that a script may wait for.
    pub(crate) fn count(&self) -> usize {
        self.waiting.borrow().values().filter(|timer| timer.counts.get()).count()
    }

    fn refer(&self, id: u32, counts: bool) {
        let waiting = self.waiting.borrow();
        for (_, timer) in waiting.iter().filter(|((_, waiting), _)| *waiting == id) {
            timer.counts.set(counts);
        }
    }

    pub(crate) fn clear(&self) {
        self.running.set(None);
        self.waiting.borrow_mut().clear();
        self.ticks.borrow_mut().clear();
    }

    fn set<'js>(
        self: &Rc<Self>,
        ctx: &Ctx<'js>,
        callback: Function<'js>,
        wait: Duration,
        repeats: bool,
    ) -> u32 {
        let id = self.next.get() + 1;
        self.next.set(id);
        let callback = Persistent::save(ctx, callback);
        let every = repeats.then_some(wait);
        let timer = Timer { callback, every, counts: Cell::new(true) };
        self.waiting.borrow_mut().insert((Instant::now() + wait, id), timer);
        self.wake(ctx);
        id
    }

    fn tick<'js>(self: &Rc<Self>, ctx: &Ctx<'js>, callback: Function<'js>) {
        self.ticks.borrow_mut().push_back(Persistent::save(ctx, callback));
        self.wake(ctx);
    }

    fn wake(self: &Rc<Self>, ctx: &Ctx<'_>) {
        self.changed.notify_one();
        if !self.is_driven.replace(true) {
            let timers = Rc::clone(self);
            let context = ctx.clone();
            ctx.spawn(async move { timers.drive(&context).await });
        }
    }

    fn cancel(&self, id: u32) {
        if self.running.get() == Some(id) {
            self.running.set(None);
        }
        self.waiting.borrow_mut().retain(|(_, waiting), _| *waiting != id);
        self.changed.notify_one();
    }

    /// Runs what is due until nothing waits.
    async fn drive(&self, ctx: &Ctx<'_>) {
        loop {
            let tick = self.ticks.borrow_mut().pop_front();
            if let Some(tick) = tick {
                call(ctx, tick);
                tokio::task::yield_now().await;
                continue;
            }
            let first = self.waiting.borrow().first_key_value().map(|(key, _)| *key);
            let Some(key) = first else { break };
            let now = Instant::now();
            if key.0 > now {
                tokio::select! {
                    () = tokio::time::sleep_until(key.0.into()) => {}
                    () = self.changed.notified() => {}
                }
                continue;
            }
            self.fire(ctx, key);
            // Promises that the callback settled come before the next timer.
            tokio::task::yield_now().await;
        }
        self.is_driven.set(false);
    }

    fn fire(&self, ctx: &Ctx<'_>, key: (Instant, u32)) {
        let Some(timer) = self.waiting.borrow_mut().remove(&key) else { return };
        self.running.set(Some(key.1));
        call(ctx, timer.callback.clone());
        let goes_on = self.running.take() == Some(key.1);
        if let (Some(every), true) = (timer.every, goes_on) {
            self.waiting.borrow_mut().insert((Instant::now() + every, key.1), timer);
        }
    }
}

fn call(ctx: &Ctx<'_>, callback: Persistent<Function<'static>>) {
    let called = callback.restore(ctx).and_then(|callback| callback.call::<_, Value<'_>>(()));
    if called.is_err() {
        // Thrown in a timer: fails the migration like a rejection that nobody handles.
        let thrown = ctx.catch();
        if let Ok((_, _, reject)) = ctx.promise() {
            let _ = reject.call::<_, ()>((thrown,));
        }
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, timers: &Rc<Timers>, ops: &Object<'js>) -> Result<()> {
    let t = Rc::clone(timers);
    let set = move |ctx: Ctx<'js>, callback: Function<'js>, milliseconds: f64, repeats: bool| {
        let wait = Duration::from_micros((milliseconds * 1000.0) as u64);
        t.set(&ctx, callback, wait, repeats)
    };
    ops.set("setTimer", Function::new(ctx.clone(), set)?)?;
    let t = Rc::clone(timers);
    let refer = move |id: f64, counts: bool| t.refer(id as u32, counts);
    ops.set("referTimer", Function::new(ctx.clone(), refer)?)?;
    let t = Rc::clone(timers);
    let tick = move |ctx: Ctx<'js>, callback: Function<'js>| t.tick(&ctx, callback);
    ops.set("nextTick", Function::new(ctx.clone(), tick)?)?;
    let t = Rc::clone(timers);
    let clear = move |id: f64| t.cancel(id as u32);
    ops.set("clearTimer", Function::new(ctx.clone(), clear)?)
}
