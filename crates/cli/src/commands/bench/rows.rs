//! What is timed: each convention, and beside it the same work without Wasm. How a function is called stands here and
//! nowhere else.

use std::hint::black_box;
use std::rc::Rc;

use runtime::{Lease, Slot};
use serde::Deserialize;

use super::guests::Guests;
use super::native;

/// What a call answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Nothing,
    Stats([f64; 2]),
    Text(String),
    Bytes(Vec<u8>),
}

type Call = Box<dyn FnMut() -> anyhow::Result<Answer>>;

/// One thing that is timed.
pub(super) struct Row {
    /// Its name for programs, which no other row has.
    pub(super) id: &'static str,
    /// Its name for people.
    pub(super) title: &'static str,
    /// The row that does the same without Wasm; `None` where this is such a row.
    pub(super) native: Option<&'static str>,
    /// Bytes of the argument.
    pub(super) bytes: usize,
    call: Call,
    expected: Answer,
}

impl Row {
    /// Calls once.
    ///
    /// # Errors
    /// The call fails.
    pub(super) fn call(&mut self) -> anyhow::Result<Answer> {
        (self.call)()
    }

    /// Calls once and compares the answer.
    ///
    /// # Errors
    /// The call fails or answers something else.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        let answer = self.call()?;
        let id = self.id;
        anyhow::ensure!(answer == self.expected, "{id} answers {answer:?} instead of {:?}", self.expected);
        Ok(())
    }
}

/// Rows that do not depend on the argument.
///
/// # Errors
/// The function is not what it should be.
pub(super) fn nothing(guests: &Guests) -> anyhow::Result<Vec<Row>> {
    let row = |id, title, native, call| Row { id, title, native, bytes: 0, call, expected: Answer::Nothing };
    let noop = guests.noop.acquire().resolve::<(), ()>("noop")?;
    let slot = guests.noop.clone();
    let held: Call = Box::new(move || {
        noop.call(())?;
        Ok(Answer::Nothing)
    });
    let acquired: Call = Box::new(move || acquired(&slot));
    Ok(vec![
        row("native-noop", "native call", None, Box::new(|| Ok(black_box(Answer::Nothing)))),
        row("noop-held", "typed no-op, held lease", Some("native-noop"), held),
        row("noop", "typed no-op, acquire and call", Some("native-noop"), acquired),
    ])
}

/// Acquires a lease, looks the function up, calls it.
///
/// # Errors
/// The call fails.
pub(super) fn acquired(slot: &Slot) -> anyhow::Result<Answer> {
    slot.acquire().resolve::<(), ()>("noop")?.call(())?;
    Ok(Answer::Nothing)
}

#[derive(Deserialize)]
struct Stats {
    mean: f64,
    median: f64,
}

impl From<Stats> for Answer {
    fn from(Stats { mean, median }: Stats) -> Self {
        Self::Stats([mean, median])
    }
}

/// Mean and median of integers as they lie in memory, on a lease of its own: what threads do.
///
/// # Errors
/// The call fails.
pub(super) fn typed(guests: &Guests, integers: &[i64]) -> anyhow::Result<Answer> {
    typed_on(&guests.plain.acquire(), integers)
}

fn typed_on(lease: &Lease, integers: &[i64]) -> anyhow::Result<Answer> {
    Ok(lease.call::<_, Stats>("stats", integers)?.into())
}

/// Rows over integers in every convention.
///
/// # Errors
/// There are no integers.
pub(super) fn integers(guests: &Guests, values: &[i32]) -> anyhow::Result<Vec<Row>> {
    let written: Vec<String> = values.iter().map(ToString::to_string).collect();
    let list: Rc<str> = format!("[{}]", written.join(",")).into();
    let object: Rc<str> = format!("{{\"values\":{list}}}").into();
    let integers: Rc<[i64]> = values.iter().copied().map(i64::from).collect();
    let floats: Rc<[f64]> = values.iter().copied().map(f64::from).collect();
    let plain_bytes = integers.len() * 8;
    let mut rows = vec![];

    let expected = Answer::Stats(native::integers(&integers)?);
    let data = Rc::clone(&integers);
    let call = move || native::integers(black_box(&data)).map(Answer::Stats);
    rows.push(pair("native-integers", "native, integers", None, plain_bytes, call, &expected));
    let lease = guests.plain.acquire();
    let call = move || typed_on(&lease, &integers);
    rows.push(pair("typed", "core, typed", Some("native-integers"), plain_bytes, call, &expected));

    for json in JSON {
        let (text, slot) = if json.takes_list { (&list, &guests.component) } else { (&object, (json.slot)(guests)) };
        let expected = Answer::Text((json.native)(text)?);
        let (native, data) = (json.native, Rc::clone(text));
        let call = move || native(black_box(&data)).map(Answer::Text);
        rows.push(pair(json.native_id, json.native_title, None, text.len(), call, &expected));
        let (lease, function, data) = (slot.acquire(), json.function, Rc::clone(text));
        let call = move || Ok(Answer::Text(lease.call_json(function, &data)?));
        rows.push(pair(json.id, json.title, Some(json.native_id), text.len(), call, &expected));
    }

    let expected = Answer::Stats(native::floats(&floats)?);
    let data = Rc::clone(&floats);
    let call = move || native::floats(black_box(&data)).map(Answer::Stats);
    rows.push(pair("native-floats", "native, floats", None, plain_bytes, call, &expected));
    let lease = guests.component.acquire();
    let call = move || Ok(lease.call::<_, Stats>("calc-stats", &*floats)?.into());
    rows.push(pair("component-typed", "component, typed", Some("native-floats"), plain_bytes, call, &expected));
    Ok(rows)
}

/// A convention that takes and answers JSON text.
struct Json {
    id: &'static str,
    title: &'static str,
    slot: fn(&Guests) -> &runtime::Slot,
    function: &'static str,
    /// Whether it takes `[1,2]` instead of `{"values":[1,2]}`.
    takes_list: bool,
    native_id: &'static str,
    native_title: &'static str,
    native: fn(&str) -> anyhow::Result<String>,
}

const JSON: [Json; 4] = [
    Json {
        id: "json-noop",
        title: "core, JSON no-op",
        slot: |guests| &guests.json,
        function: "noop",
        takes_list: false,
        native_id: "native-json-noop",
        native_title: "native, JSON no-op",
        native: native::json_noop,
    },
    Json {
        id: "json",
        title: "core, JSON",
        slot: |guests| &guests.json,
        function: "calc_stats",
        takes_list: false,
        native_id: "native-json",
        native_title: "native, JSON",
        native: native::json,
    },
    Json {
        id: "classic",
        title: "classic, JSON (mean, largest)",
        slot: |guests| &guests.classic,
        function: "calc_stats",
        takes_list: false,
        native_id: "native-json-largest",
        native_title: "native, JSON (mean, largest)",
        native: native::json_largest,
    },
    Json {
        id: "component-json",
        title: "component, JSON",
        slot: |guests| &guests.component,
        function: "calc-stats",
        takes_list: true,
        native_id: "native-json-floats",
        native_title: "native, JSON of floats",
        native: native::json_floats,
    },
];

/// Rows over one picture, at which no function looks. Without Wasm its bytes are copied: whoever keeps functions apart
/// has to do at least that.
pub(super) fn picture(guests: &Guests, width: u32, height: u32) -> anyhow::Result<Vec<Row>> {
    let bytes = usize::try_from(u64::from(width) * u64::from(height) * 3)?;
    let rgb: Rc<[u8]> = (0..bytes).map(|index| index.to_le_bytes()[0]).collect();
    let mut copy = vec![0; bytes];
    let source = Rc::clone(&rgb);
    let native = move || {
        copy.copy_from_slice(black_box(&source));
        black_box(&mut copy);
        Ok(Answer::Nothing)
    };
    let mut rows = vec![pair("native-copy", "native, a copy", None, bytes, native, &Answer::Nothing)];
    for (id, title, slot, answer) in [
        ("picture", "core, picture", &guests.noop, &b""[..]),
        ("classic-picture", "classic, picture", &guests.classic_picture, b"0"),
    ] {
        let (lease, rgb) = (slot.acquire(), Rc::clone(&rgb));
        let call = move || Ok(Answer::Bytes(lease.call_image("picture", &rgb, width, height)?));
        rows.push(pair(id, title, Some("native-copy"), bytes, call, &Answer::Bytes(answer.into())));
    }
    Ok(rows)
}

fn pair(
    id: &'static str,
    title: &'static str,
    native: Option<&'static str>,
    bytes: usize,
    call: impl FnMut() -> anyhow::Result<Answer> + 'static,
    expected: &Answer,
) -> Row {
    Row { id, title, native, bytes, call: Box::new(call), expected: expected.clone() }
}
