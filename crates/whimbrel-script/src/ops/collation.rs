//! The order of text in a language, for `localeCompare`.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;

use icu_collator::options::{CaseLevel, CollatorOptions, Strength};
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;
use rquickjs::{Ctx, Function, Object, Result};

/// Locale, strength as the façade numbers it, and whether digits count as numbers.
type Key = (String, u8, bool);

fn collator((locale, strength, numeric): &Key) -> Option<CollatorBorrowed<'static>> {
    let locale: Locale = locale.parse().ok()?;
    let mut preferences = CollatorPreferences::from(&locale);
    if *numeric {
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    }
    let mut options = CollatorOptions::default();
    options.strength = Some(match strength {
        1 | 3 => Strength::Primary,
        2 => Strength::Secondary,
        _ => Strength::Tertiary,
    });
    if *strength == 3 {
        options.case_level = Some(CaseLevel::On);
    }
    Collator::try_new(preferences, options).ok()
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, ops: &Object<'js>) -> Result<()> {
    let known: RefCell<HashMap<Key, CollatorBorrowed<'static>>> = RefCell::default();
    let collate = move |a: String, b: String, locale: String, strength: u8, numeric: bool| {
        let key = (locale, strength, numeric);
        let mut known = known.borrow_mut();
        if !known.contains_key(&key) {
            known.insert(key.clone(), collator(&key)?);
        }
        known.get(&key).map(|collator| match collator.compare(&a, &b) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        })
    };
    ops.set("collate", Function::new(ctx.clone(), collate)?)
}
