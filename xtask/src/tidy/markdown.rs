//! As much of Markdown as the rules read: links, code spans, headings and tables, outside of code blocks.

/// A part of a page and its line, from 1.
pub(super) type At<'t> = (usize, &'t str);

/// Lines that are not in a fenced code block.
fn prose(page: &str) -> impl Iterator<Item = At<'_>> {
    let mut fence: Option<&str> = None;
    (1..).zip(page.lines()).filter(move |(_, line)| {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, None) => true,
            (None, Some(_)) => {
                fence = mark;
                false
            }
            (Some(open), _) => {
                if mark == Some(open) {
                    fence = None;
                }
                false
            }
        }
    })
}

/// A line cut at its backticks: text and code spans in turn, text first.
fn spans(line: &str) -> impl Iterator<Item = (bool, &str)> {
    line.split('`').enumerate().map(|(index, part)| (index % 2 == 1, part))
}

/// The content of every code span.
pub(super) fn code_spans(page: &str) -> impl Iterator<Item = At<'_>> {
    prose(page).flat_map(|(number, line)| spans(line).filter(|(code, _)| *code).map(move |(_, part)| (number, part)))
}

/// The target of every link and picture, without its title.
pub(super) fn links(page: &str) -> Vec<At<'_>> {
    let mut found = Vec::new();
    for (number, line) in prose(page) {
        // A link may hold code in its text, so `](` is looked for in the line and skipped where it stands in a span.
        for (at, opening) in line.match_indices("](") {
            let in_code = line[..at].matches('`').count() % 2 == 1;
            let target = &line[at + opening.len()..];
            if let (false, Some(end)) = (in_code, target.find(')')) {
                found.push((number, without_title(&target[..end])));
            }
        }
        let is_definition = |label: &str| label.starts_with('[') && !label.starts_with("[^");
        if let Some((_, target)) = line.split_once("]: ").filter(|(label, _)| is_definition(label)) {
            found.push((number, without_title(target)));
        }
    }
    found
}

fn without_title(target: &str) -> &str {
    target.split_whitespace().next().unwrap_or_default().trim_start_matches('<').trim_end_matches('>')
}

/// The anchors of the headings, as renderers make them from the text.
pub(super) fn anchors(page: &str) -> impl Iterator<Item = String> + '_ {
    prose(page).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    })
}

/// The cells of the rows of the table with this header, without the header.
pub(super) fn table_rows<'t>(page: &'t str, header: &'t str) -> impl Iterator<Item = (usize, Vec<&'t str>)> {
    prose(page)
        .skip_while(move |(_, line)| line.trim() != header)
        .skip(2)
        .take_while(|(_, line)| line.starts_with('|'))
        .map(|(number, line)| (number, line.trim().trim_matches('|').split('|').map(str::trim).collect()))
}

#[cfg(test)]
mod tests {
    use super::{anchors, code_spans, links, table_rows};

    #[test]
    fn links_are_found_outside_of_code() {
        let page = "[a](b.md) `[c](d)` ![e](f.png \"title\")\n```\n[g](h)\n```\n[`i`](<j>)\n[k]: l.md\n[^m]: note\n";
        assert_eq!(links(page), [(1, "b.md"), (1, "f.png"), (5, "j"), (6, "l.md")]);
    }

    #[test]
    fn code_spans_are_found() {
        let page = "a `b` c `d/e.rs`\n~~~\n`f`\n```\n~~~\n`g`";
        assert_eq!(code_spans(page).collect::<Vec<_>>(), [(1, "b"), (1, "d/e.rs"), (6, "g")]);
    }

    #[test]
    fn anchors_are_made_of_headings() {
        let page = "# The `Op` enum: why?\n## 2. Next_one\n```\n# comment\n```\n";
        assert_eq!(anchors(page).collect::<Vec<_>>(), ["the-op-enum-why", "2-next_one"]);
    }

    #[test]
    fn rows_follow_their_header() {
        let page = "| x |\n|---|\n| y |\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | `4` |\n\n| 5 | 6 |\n";
        let rows: Vec<_> = table_rows(page, "| a | b |").collect();
        assert_eq!(rows, [(7, vec!["1", "2"]), (8, vec!["3", "`4`"])]);
    }
}
