//! What somebody who wrote an unknown word may have meant.

/// Longer words are not compared, and not shown whole.
const LONGEST: usize = 63;
/// Most candidates that are compared.
const COMPARED_MAX: usize = 100;

/// Asks for the candidate that is near the word; where none is, lists all after `all_are`.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>, all_are: &str) -> String {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    let distances =
        candidates.iter().take(COMPARED_MAX).filter(|candidate| candidate.len() <= LONGEST).map(|candidate| {
            let most = 1 + candidate.len().min(word.len()) / 4;
            (strsim::damerau_levenshtein(&word.to_lowercase(), candidate), most, *candidate)
        });
    if word.len() <= LONGEST
        && let Some((_, _, candidate)) = distances.filter(|(distance, most, _)| distance <= most).min()
    {
        return format!("did you mean `{}`?", shortened(candidate));
    }
    candidates.sort_unstable();
    match candidates.as_slice() {
        [] => "there are none yet".into(),
        all => format!("{all_are} {}", list(all)),
    }
}

/// A word that may be of any length and hold any character, for a message of one line.
pub(super) fn shortened(word: &str) -> String {
    let shown: String = word.chars().take(LONGEST).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if shown.len() < word.len() && word.chars().count() > LONGEST { shown + "..." } else { shown }
}

/// `a`, `b` and `c`
fn list(words: &[&str]) -> String {
    const LISTED_MAX: usize = 12;
    let quoted: Vec<String> = words.iter().take(LISTED_MAX).map(|word| format!("`{}`", shortened(word))).collect();
    let (last, rest) = match quoted.split_last() {
        Some((last, rest)) if words.len() <= LISTED_MAX => (last.clone(), rest),
        Some(_) | None => (format!("{} more", words.len().saturating_sub(LISTED_MAX)), quoted.as_slice()),
    };
    if rest.is_empty() { last } else { format!("{} and {last}", rest.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["name", "layer", "listen", "data"];

    #[track_caller]
    fn check(word: &str, candidates: &[&str], expected: &str) {
        assert_eq!(nearest(word, candidates.iter().copied(), "the keys are"), expected);
    }

    #[test]
    fn the_nearest_is_suggested_and_otherwise_all_are_listed() {
        check("lisen", &KEYS, "did you mean `listen`?");
        check("Layer", &KEYS, "did you mean `layer`?");
        check("nmae", &KEYS, "did you mean `name`?");
        check("port", &KEYS, "the keys are `data`, `layer`, `listen` and `name`");
        check("x", &["one"], "the keys are `one`");
        check("x", &[], "there are none yet");
        check(&"name".repeat(100), &KEYS, "the keys are `data`, `layer`, `listen` and `name`");
    }

    #[test]
    fn long_lists_and_words_are_shortened() {
        let many: Vec<String> = (10..30).map(|n| format!("slot-{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let text = nearest("x", many.iter().copied(), "the slots are");
        assert!(text.ends_with("`slot-20`, `slot-21` and 8 more"), "{text}");
        assert_eq!(shortened("a\nb"), "a\u{FFFD}b");
        assert_eq!(shortened(&"ü".repeat(64)).chars().count(), 66);
        assert_eq!(shortened(&"ü".repeat(63)), "ü".repeat(63));
    }
}
