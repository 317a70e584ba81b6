use super::Outcome;
use crate::args::ExplainArguments;
use crate::render::print;
use crate::usage::usage;

macro_rules! pages {
    ($($code:literal)+) => {
        /// The page of every code, ascending.
        const PAGES: &[(&str, &str)] = &[
            $(($code, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors/", $code, ".md")))),+
        ];
    };
}

pages! {
    "E0101" "E0102" "E0103" "E0104" "E0105" "E0106" "E0107"
    "E0201" "E0202" "E0203" "E0204" "E0205" "E0206" "E0207" "E0208" "E0209"
    "E0301" "E0302" "E0303" "E0304" "E0305"
    "E0901"
}

pub(super) fn run(arguments: &ExplainArguments) -> anyhow::Result<Outcome> {
    let Some(wanted) = &arguments.code else {
        let titles: Vec<String> = PAGES.iter().map(|(code, page)| title(code, page)).collect();
        print(&titles.concat())?;
        return Ok(Outcome::Done);
    };
    let page = PAGES.iter().find(|(code, _)| code.eq_ignore_ascii_case(wanted.trim()));
    let Some((_, page)) = page else {
        let codes: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
        return Err(usage(format!("there is no code `{wanted}`: the codes are {}", codes.join(", "))));
    };
    print(page)?;
    Ok(Outcome::Done)
}

/// The first line of a page, `# E0101: what it means`.
fn title(code: &str, page: &str) -> String {
    let line = page.lines().next().unwrap_or(code);
    format!("{}\n", line.trim_start_matches('#').trim())
}

#[cfg(all(test, feature = "compiler"))]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_page() {
        let codes: Vec<&str> = compiler::Code::ALL.iter().map(|code| code.as_str()).collect();
        let pages: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
        assert_eq!(pages, codes);
        for (code, page) in PAGES {
            assert!(page.starts_with(&format!("# {code}: ")), "{code}");
        }
    }
}
