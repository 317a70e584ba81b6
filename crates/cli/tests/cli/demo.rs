use crate::folder::Folder;

#[test]
fn every_claim_of_the_demo_holds() {
    let ran = Folder::new().run(&["demo", "--once"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    let out = ran.out;
    for part in [
        "digits.onnx, 25.3 kB -> digits.wasm, ",
        "of 359 digits that were not in the training recognized",
        "sensor: ",
        "3 of 3 answers are the mean and median computed natively",
        "without swap       with swap",
        "longest gap between two answers",
        " calls answered, 0 failed",
        "\"standard_deviation\":",
        "the broken file was refused with one event",
        "1 of 1 answers are what the new version should answer",
    ] {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
    let claims = out.lines().filter(|line| line.starts_with("  ok      ")).count();
    assert!(out.ends_with(&format!("{claims} claims checked, all ok\n")), "{out}");
    assert!(claims >= 12 && !out.contains("FAILED"), "{out}");
}

#[test]
fn what_would_end_the_demo_is_found_before_it_begins() {
    let folder = Folder::new();
    folder.write("m.onnx", "no model");
    folder.write("p.png", "no photo");
    let demo = |model, image| folder.run(&["demo", "--once", "--model", model, "--image", image]);
    demo("missing.onnx", "p.png").failed(1, &["cannot read missing.onnx"]);
    demo("m.onnx", "missing.png").failed(1, &["cannot read missing.png"]);
    demo("m.onnx", "p.png").failed(1, &["cannot use p.png"]);
    let run = folder.command(&["demo", "--once"]).env("TMPDIR", folder.path("missing")).output().unwrap();
    let err = String::from_utf8(run.stderr).unwrap();
    assert_eq!((run.status.code(), run.stdout.as_slice()), (Some(1), &b""[..]), "{err}");
    assert!(err.starts_with("error: cannot make a temporary folder in ") && err.contains("set TMPDIR"), "{err}");
    assert!(!err.contains("wasmtube-demo-"), "{err}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    for signal in ["-INT", "-TERM"] {
        let (folder, temporary) = (Folder::new(), Folder::new());
        let mut demo = folder.command(&["demo", "--once"]);
        let mut demo = demo.env("TMPDIR", temporary.path("")).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut lines = lines.skip_while(|line| !line.contains("threads call `calc_stats`"));
        assert!(lines.next().is_some());
        let files = temporary.files();
        assert!(matches!(&files[..], [only] if only.starts_with("wasmtube-demo-")), "{files:?}");
        assert!(Command::new("kill").args([signal, &demo.id().to_string()]).status().unwrap().success());
        assert_eq!(demo.wait().unwrap().code(), Some(130), "{signal}");
        assert!(temporary.files().is_empty(), "{signal}: {:?}", temporary.files());
    }
}
