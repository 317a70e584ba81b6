//! Options of the command line as they are typed.

use crate::model::shown;

/// `--dim batch=N`, in quotes where a shell would take the name apart.
pub(super) fn flag(option: &str, name: &str, value: &str) -> String {
    let argument = format!("{}={value}", shown(name));
    let is_plain = |c: char| c.is_alphanumeric() || "_-.,:/@%+=…".contains(c);
    if argument.chars().all(is_plain) {
        return format!("{option} {argument}");
    }
    if argument.contains(['"', '$', '`', '\\', '!']) {
        return format!("{option} '{}'", argument.replace('\'', r"'\''"));
    }
    format!("{option} \"{argument}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(flag("--dim", name, "N"), expected);
    }

    #[test]
    fn names_are_quoted_that_shells_take_apart() {
        check("batch", "--dim batch=N");
        check("x:0", "--dim x:0=N");
        check("Q=1", "--dim Q=1=N");
        check("größe", "--dim größe=N");
        check("R S", r#"--dim "R S=N""#);
        check("a;b", r#"--dim "a;b=N""#);
        check("it's", r#"--dim "it's=N""#);
        check("$n", "--dim '$n=N'");
        check("'$n", r"--dim ''\''$n=N'");
    }
}
