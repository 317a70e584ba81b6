//! Edits that go live, with a guest that needs no compiler.

use std::fs;

use crate::folder::{Folder, workspace};
use crate::running::Running;

/// A project in a folder of its own, with `stats.wat` and the command that makes `live.wasm` of it.
struct Project {
    running: Running,
}

fn project() -> (Folder, String) {
    let folder = Folder::new();
    folder.write("stats.wat", fs::read(workspace("guests/wat/stats.wat")).unwrap());
    let build = format!("{} pack stats.wat -o live.wasm > /dev/null", env!("CARGO_BIN_EXE_wasmtube"));
    (folder, build)
}

impl Project {
    fn watch(build: impl Fn(&str) -> String, options: &[&str]) -> Self {
        let (folder, pack) = project();
        let build = build(&pack);
        let command = folder.command(&[&["watch", "live.wasm", "--build", &build], options].concat());
        Self { running: Running::spawn(folder, command) }
    }

    /// Gives the module another version.
    fn edit(&self, version: &str) {
        let text = String::from_utf8(self.running.folder.read("stats.wat")).unwrap();
        let (before, rest) = text.split_once("\\\"version\\\":\\\"").unwrap();
        let (_, after) = rest.split_once('\\').unwrap();
        self.running.folder.write("stats.wat", format!("{before}\\\"version\\\":\\\"{version}\\{after}"));
    }

    fn wait_for(&self, part: &str) -> String {
        self.running.wait_for_line(part)
    }

    #[cfg(unix)]
    fn stop(mut self) -> String {
        self.running.signal("INT");
        assert!(self.running.wait().success(), "{}", self.running.said());
        self.running.said()
    }
}

#[cfg(unix)]
#[test]
fn an_edit_goes_live_and_is_called() {
    let numbers = workspace("guests/wat/stats.wat");
    // Any bytes are numbers if there are four for each.
    let numbers = fs::read(numbers).unwrap();
    let (folder, build) = project();
    folder.write("numbers", &numbers[..400]);
    let arguments = ["watch", "live.wasm", "--build", &build, "--call", "noop", "--bytes", "numbers"];
    let command = folder.command(&arguments);
    let project = Project { running: Running::spawn(folder, command) };
    let first = project.wait_for("stats 1.0.0");
    assert!(first.contains("compiled in") && !first.contains("after the edit"), "{first}");
    project.edit("1.0.1");
    let second = project.wait_for("stats 1.0.1");
    assert!(second.contains("after the edit: "), "{second}");
    project.edit("1.0.2");
    project.wait_for("stats 1.0.2");
    let said = project.stop();
    assert!(said.contains("(stats.wat changed)") && said.contains("stopping"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_build_that_fails_and_a_file_that_is_refused_leave_the_version_live() {
    let project = Project::watch(str::to_owned, &[]);
    project.wait_for("stats 1.0.0");
    let good = project.running.folder.read("stats.wat");
    project.running.folder.write("stats.wat", "(module");
    let failed = project.wait_for("the build failed");
    assert!(failed.contains("exit status: 1") && failed.contains("stays live"), "{failed}");
    let lacking = String::from_utf8(good.clone()).unwrap().replace("noop", "nothing");
    project.running.folder.write("stats.wat", lacking);
    let refused = project.wait_for("refused ");
    assert!(refused.contains("stays live") && refused.contains("missing noop"), "{refused}");
    project.running.folder.write("stats.wat", good);
    project.wait_for("is what is live");
    project.edit("2.0.0");
    project.wait_for("stats 2.0.0");
    let said = project.stop();
    assert_eq!(said.matches("missing noop").count(), 1, "{said}");
}

#[cfg(unix)]
#[test]
fn what_breaks_callers_goes_live_where_that_is_said() {
    let project = Project::watch(str::to_owned, &["--allow-breaking"]);
    project.wait_for("stats 1.0.0");
    let text = String::from_utf8(project.running.folder.read("stats.wat")).unwrap();
    project.running.folder.write("stats.wat", text.replace("noop", "nothing").replace("1.0.0", "1.1.0"));
    project.wait_for("stats 1.1.0");
    project.stop();
}

#[cfg(unix)]
#[test]
fn a_change_during_a_build_is_built_once_more() {
    let (folder, pack) = project();
    folder.write("hold", "");
    let build = format!("{pack} && while [ -e hold ]; do sleep 0.01; done");
    let command = folder.command(&["watch", "live.wasm", "--build", &build, "--source", "stats.wat"]);
    let project = Project { running: Running::spawn(folder, command) };
    project.wait_for("stats 1.0.0");
    project.edit("1.0.1");
    fs::remove_file(project.running.folder.path("hold")).unwrap();
    project.wait_for("stats 1.0.1");
    let said = project.stop();
    assert_eq!(said.matches("building: ").count(), 2, "{said}");
}

#[cfg(unix)]
#[test]
fn a_build_that_hangs_is_stopped() {
    let project = Project::watch(
        |pack| format!("{pack}; [ ! -e hang ] || sleep 1000"),
        &["--build-timeout", "5s", "--source", "stats.wat"],
    );
    project.wait_for("stats 1.0.0");
    project.running.folder.write("hang", "");
    project.edit("1.0.1");
    let stopped = project.wait_for("took too long and was stopped");
    assert!(stopped.contains("--build-timeout") && stopped.contains("stays live"), "{stopped}");
    project.stop();
}

#[cfg(unix)]
#[test]
fn without_a_command_the_file_is_followed() {
    let (folder, _) = project();
    let command = folder.command(&["watch", "live.wasm"]);
    let project = Project { running: Running::spawn(folder, command) };
    project.wait_for("keeps live.wasm live");
    project.running.folder.run(&["pack", "stats.wat", "-o", "live.wasm"]).done();
    project.wait_for("stats 1.0.0");
    project.stop();
}

#[cfg(unix)]
#[test]
fn an_edit_goes_live_on_a_node() {
    let (folder, build) = project();
    let node = "[node]\nname = \"device\"\nlayer = \"device\"\nlisten = \"127.0.0.1:0\"\n[slots.stats]\nfile = \"node/stats.wasm\"\n";
    folder.write("node.toml", node);
    fs::create_dir(folder.path("node")).unwrap();
    let node = Running::start(folder);
    let (folder, _) = project();
    let command = folder.command(&["watch", "live.wasm", "--build", &build, "--at", &node.url]);
    let project = Project { running: Running::spawn(folder, command) };
    project.wait_for("live ");
    let version = |wanted: &str| {
        let slots = node.wait_until(&["slots", "--json"], |slots| slots[0]["live"]["version"] == wanted);
        assert_eq!(slots[0]["live"]["name"], "stats");
    };
    version("1.0.0");
    project.edit("1.0.1");
    version("1.0.1");
    project.stop();
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let folder = Folder::new();
    folder.run(&["watch", "no/x.wasm"]).failed(1, &["cannot follow no/x.wasm", "its folder has to be there"]);
    folder
        .run(&["watch", "x.wasm", "--build", "true", "--source", "src"])
        .failed(1, &["cannot look at the source src"]);
    folder.run(&["watch", "x.wasm", "--source", "."]).failed(2, &["--build"]);
    folder.run(&["watch", "x.wasm", "--json", "1"]).failed(2, &["--call"]);
    folder.run(&["watch", "x.wasm", "--build", "true", "--build-timeout", "soon"]).failed(2, &["90s"]);
    folder.run(&["watch", "x.wasm", "--at", "127.0.0.1:1"]).failed(1, &["127.0.0.1:1"]);
}
