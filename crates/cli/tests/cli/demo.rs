use crate::folder::Folder;

#[test]
fn every_claim_of_the_demo_holds() {
    let ran = Folder::new().run(&["demo", "--once"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    let out = ran.out;
    for part in [
        "digits.onnx, 25.3 kB -> digits.wasm, ",
        "of 359 digits that were not in the training recognized",
        " threads call `calc_stats` on 60 values",
        "without swap       with swap",
        "longest gap between two answers",
        " calls answered, 0 failed",
        "\"standard_deviation\":",
        "the broken file was refused with one event",
        "the device samples once a second: ",
        "the same `stats` runs on all three, ",
        "the same `digits` runs on all three, ",
        "all three run the same again",
        "samples taken by the device, each is at the cloud once and in order",
        "windows computed by the edge are what is computed natively",
    ] {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
    let claims = out.lines().filter(|line| line.starts_with("  ok      ")).count();
    assert!(out.ends_with(&format!("{claims} claims checked, all ok\n")), "{out}");
    assert!(claims >= 22 && !out.contains("FAILED"), "{out}");
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

#[cfg(unix)]
#[test]
fn the_nodes_end_when_somebody_has_seen_enough() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    let (folder, temporary) = (Folder::new(), Folder::new());
    let mut demo = folder.command(&["demo", "--nodes", "--seconds", "600"]);
    let mut demo = demo.env("TMPDIR", temporary.path("")).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(demo.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("window    2 of the device, at the cloud: {\"mean\":") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the demo ended");
    }
    assert!(Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(demo.wait().unwrap().code(), Some(0), "{rest}");
    assert!(
        rest.contains("each is at the cloud once and in order") && rest.ends_with("claims checked, all ok\n"),
        "{rest}"
    );
    assert!(temporary.files().is_empty(), "{:?}", temporary.files());
}
