//! The transcript in the README is what the demo prints, but for what is measured.

use crate::folder::Folder;

/// A line without its numbers, hashes and units of time.
fn masked(line: &str) -> String {
    let digit = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | '-');
    let mut words = vec![];
    for word in line.split_whitespace() {
        let trimmed = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_number =
            trimmed.starts_with(|c: char| c.is_ascii_digit()) || (trimmed.len() == 12 && trimmed.chars().all(digit));
        let is_unit = matches!(trimmed, "ns" | "us" | "ms" | "s");
        match (is_number, is_unit) {
            (true, _) => words.push("#".to_owned()),
            (false, true) => words.push("unit".to_owned()),
            (false, false) => words.push(word.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect()),
        }
    }
    words.join(" ")
}

fn claims(text: &str) -> Vec<String> {
    text.lines().filter(|line| line.trim_start().starts_with("ok ")).map(masked).collect()
}

#[test]
fn claims_of_the_readme_are_those_of_the_demo() {
    let readme = include_str!("../../../../README.md");
    let transcript = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let printed = Folder::new().run(&["demo", "--once"]).out;
    let expected = claims(transcript);
    assert_eq!(expected.len(), 22, "the transcript has every claim");
    assert_eq!(claims(&printed), expected);
}
