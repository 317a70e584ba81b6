use proptest::prelude::*;
use runtime::Window;

use super::*;

const GOOD: [&str; 4] = [
    include_str!("../../../tests/configs/good-least.toml"),
    include_str!("../../../tests/configs/good-device.toml"),
    include_str!("../../../tests/configs/good-sources.toml"),
    include_str!("../../../tests/configs/good-cloud.toml"),
];
/// What makes the most of a file when it stands in a wrong place.
const PIECES: [&str; 24] = [
    "[",
    "]",
    "{",
    "}",
    "=",
    "\"",
    "'",
    "\"\"\"",
    "\n",
    ".",
    ",",
    "#",
    "-",
    "\\",
    "0",
    "-1",
    "99999999999999999999",
    "inf",
    "nan",
    "\"\"",
    "ü",
    "\0",
    "[[routes]]",
    "[node]",
];

/// Reads a text, and checks that whatever is wrong has a place in it and says what to do.
fn read(text: &str) -> Result<(), TestCaseError> {
    let Err(error) = Config::parse(text, Path::new("base")) else { return Ok(()) };
    prop_assert!(!error.mistakes().is_empty());
    let lengths: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    for mistake in error.mistakes() {
        let length = lengths.get(mistake.line - 1);
        prop_assert!(length.is_some_and(|length| mistake.column <= length + 1), "{mistake}");
        prop_assert!(!mistake.what.is_empty() && !mistake.help.is_empty(), "{mistake:?}");
        prop_assert!(!mistake.to_string().contains('\n'), "{mistake}");
    }
    Ok(())
}

fn boundary(text: &str, at: prop::sample::Index) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    *at.get(&places)
}

#[test]
fn a_slot_that_says_little_has_the_limits_of_the_runtime() {
    let text = format!("{}[slots.stats]\nfile = \"stats.wasm\"\n", GOOD[0]);
    let config = Config::parse(&text, Path::new("base")).unwrap();
    let (limits, policy) = (Limits::default(), SlotPolicy::default());
    let expected = SlotSpec {
        file: "base/stats.wasm".into(),
        follow: Follow::Changes,
        deadline: limits.deadline,
        memory_bytes: limits.memory_bytes,
        instances: limits.instances,
        keys: limits.keys,
        queue: limits.queue,
        drain: policy.drain,
        window: None,
        keep_arguments: true,
        allow: BTreeSet::new(),
        config: BTreeMap::new(),
    };
    assert_eq!(config.topology.slots["stats"], expected);
}

#[track_caller]
fn check_window(written: &str, expected: Result<Window, &str>) {
    let text = format!("{}[slots.stats]\nfile = \"stats.wasm\"\nwindow = {written}\n", GOOD[0]);
    match (Config::parse(&text, Path::new("base")), expected) {
        (Ok(config), Ok(window)) => assert_eq!(config.topology.slots["stats"].window, Some(window)),
        (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
        (found, expected) => panic!("{found:?}, expected {expected:?}"),
    }
}

#[test]
fn a_window_is_a_word_an_address_or_an_allocator() {
    check_window("\"end\"", Ok(Window::End));
    check_window("\"42\"", Ok(Window::At(42)));
    check_window("42", Ok(Window::At(42)));
    check_window("\"alloc:__new\"", Ok(Window::Alloc("__new".into())));
    check_window("\"front\"", Err("`window` of [slots.stats] is \"front\", which is no place in a memory"));
    check_window("4294967296", Err("write an integer from 0 to 4294967295"));
    check_window("true", Err("not a text"));
}

#[test]
fn a_file_that_is_no_configuration_is_not_looked_at() {
    let error = Config::parse(&"#\n".repeat(TEXT_BYTES_MAX), Path::new("")).unwrap_err();
    assert_eq!(error.to_string(), "1:1: the file is larger than 1 MiB: is it a configuration file?");
}

#[test]
fn as_many_mistakes_as_a_file_can_hold_take_no_time() {
    for text in ["=\n", "[", "a.", "[routes.\"\"]\n", "[[x]]\n", "{"] {
        read(&text.repeat(100_000 / text.len())).unwrap();
    }
    read(&format!("[routes.a]\nsinks = [{}]", "{kind=\"stdout\"},".repeat(20_000))).unwrap();
    let many = |table: &str| (0..5000).map(|n| format!("[{table}.x{n}]\nfunction = \"y.z\"\n")).collect::<String>();
    read(&format!("{}{}", many("slots"), many("routes"))).unwrap();
}

proptest! {
    #[test]
    fn any_bytes_are_a_configuration_or_mistakes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_text_of_pieces_is_a_configuration_or_mistakes(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        read(&pieces.concat())?;
    }

    #[test]
    fn a_changed_file_is_a_configuration_or_mistakes(
        index in 0..GOOD.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(&PIECES[..])), 1..6),
    ) {
        let mut text = GOOD[index].to_owned();
        for (at, length, piece) in changes {
            let from = boundary(&text, at);
            let to = (from..=text.len()).filter(|to| text.is_char_boundary(*to)).nth(length).unwrap_or(text.len());
            text.replace_range(from..to, piece);
        }
        read(&text)?;
    }

    #[test]
    fn a_file_that_was_cut_off_is_a_configuration_or_mistakes(index in 0..GOOD.len(), at in any::<prop::sample::Index>()) {
        let text = GOOD[index];
        read(&text[..boundary(text, at)])?;
    }
}
