//! Every way of replacing a file, while its function is being called: each deployment goes live exactly once, nothing is
//! refused, no call fails, and until then the old version answers.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use abi::Digest;
use runtime::{LoadOptions, Slot, SlotEvent, SlotPolicy, Watcher, WatcherOptions, files};

use crate::guest::{answer, answering, engine, sealed_answering};

const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(60);
const SETTLE: Duration = Duration::from_millis(60);
/// Shorter than it takes a file to count as settled.
const PAUSE: Duration = Duration::from_millis(15);
/// Longer than that.
const STALL: Duration = Duration::from_millis(100);
/// Long enough for many looks.
const QUIET: Duration = Duration::from_millis(400);
/// Deployments of each way: the second finds what the first left.
const DEPLOYMENTS: i32 = 3;

/// Puts new bytes in the place of a file.
type Replace = fn(folder: &Path, path: &Path, bytes: &[u8]);
/// Makes the first version of a number.
type Make = fn(i32) -> Vec<u8>;

struct Caller {
    stop: Arc<AtomicBool>,
    last: Arc<AtomicI32>,
    thread: thread::JoinHandle<Vec<i32>>,
}

impl Caller {
    /// Calls without a pause and keeps every answer that differs from the one before.
    fn start(slot: &Slot) -> Self {
        let (stop, last, slot) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI32::new(0)), slot.clone());
        let (stopped, heard) = (Arc::clone(&stop), Arc::clone(&last));
        let thread = thread::spawn(move || {
            let mut answers = vec![answer(&slot.acquire())];
            while !stopped.load(Ordering::Relaxed) {
                let next = answer(&slot.acquire());
                heard.store(next, Ordering::Relaxed);
                if answers.last() != Some(&next) {
                    answers.push(next);
                }
            }
            answers
        });
        Self { stop, last, thread }
    }

    /// Waits until it got this answer.
    fn expect(&self, number: i32) {
        let until = Instant::now() + PATIENCE;
        while self.last.load(Ordering::Relaxed) != number {
            assert!(Instant::now() < until, "the caller never got {number}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn answers(self) -> Vec<i32> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("no call fails")
    }
}

struct Followed {
    slot: Slot,
    events: Receiver<SlotEvent>,
    _watch: runtime::Watch,
    _watcher: Watcher,
}

fn options() -> WatcherOptions {
    WatcherOptions { poll: POLL, settle: SETTLE, events: true }
}

fn follow(path: &Path, options: WatcherOptions) -> Followed {
    let version = files::load(engine(), path, LoadOptions::default()).unwrap();
    let slot = Slot::new("followed", version, SlotPolicy::default()).unwrap();
    let heard = slot.subscribe(64);
    let watcher = Watcher::start(engine(), options).unwrap();
    let watch = watcher.watch(&slot, path, LoadOptions::default()).unwrap();
    Followed { slot, events: heard, _watch: watch, _watcher: watcher }
}

impl Followed {
    fn expect(&self, bytes: &[u8]) {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an event") {
                SlotEvent::Drained { .. } => {}
                SlotEvent::Published { new, .. } => {
                    assert_eq!(new, Digest::of(bytes));
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn expect_nothing(&self) {
        thread::sleep(QUIET);
        let heard: Vec<SlotEvent> =
            self.events.try_iter().filter(|event| !matches!(event, SlotEvent::Drained { .. })).collect();
        assert_eq!(heard, []);
    }
}

#[track_caller]
fn check_made(make: Make, options: WatcherOptions, replace: Replace) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("functions");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("f.wasm");
    fs::write(&path, make(1)).unwrap();
    let followed = follow(&path, options);
    let caller = Caller::start(&followed.slot);
    caller.expect(1);
    for number in 2..2 + DEPLOYMENTS {
        replace(root.path(), &path, &make(number));
        followed.expect(&make(number));
        caller.expect(number);
    }
    followed.expect_nothing();
    assert_eq!(caller.answers(), (1..2 + DEPLOYMENTS).collect::<Vec<_>>());
}

/// A way that shows half-written files: only what is sealed tells that it is not whole.
#[track_caller]
fn check_sealed(replace: Replace) {
    check_made(sealed_answering, options(), replace);
}

/// A way after which the file is whole at once, or after a moment.
#[track_caller]
fn check(replace: Replace) {
    check_made(answering, options(), replace);
    check_made(sealed_answering, options(), replace);
}

fn program(name: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) {
    let mut command = Command::new(name);
    command.args(arguments.iter().map(AsRef::as_ref)).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Whether the program is here; if not, one line says that this way was not tried, which is a failure where `CI=true`.
fn has(name: &str) -> bool {
    let found = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        let strict = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!strict, "{name} is missing: ./test.sh --install");
        println!("not run: {name} is missing");
    }
    found
}

/// The bytes in a file of another name.
fn beside(folder: &Path, bytes: &[u8]) -> std::path::PathBuf {
    let source = folder.join("source");
    fs::write(&source, bytes).unwrap();
    source
}

#[test]
fn cp() {
    check(|folder, path, bytes| program("cp", &[&beside(folder, bytes), &path]));
}

#[test]
fn install() {
    check(|folder, path, bytes| program("install", &[&beside(folder, bytes), &path]));
}

#[test]
fn mv_in_the_folder() {
    check(|_, path, bytes| {
        let new = path.with_extension("new");
        fs::write(&new, bytes).unwrap();
        program("mv", &[&new, &path]);
    });
}

#[test]
fn mv_from_another_folder() {
    check(|folder, path, bytes| program("mv", &[&beside(folder, bytes), &path]));
}

#[test]
fn a_slow_copy_through_one_descriptor() {
    check_sealed(|_, path, bytes| {
        let mut file = File::create(path).unwrap();
        for chunk in bytes.chunks(bytes.len().div_ceil(5)) {
            file.write_all(chunk).unwrap();
            thread::sleep(STALL);
        }
    });
}

/// Nothing tells that an unsealed file is not whole but that somebody writes.
#[test]
fn a_slow_copy_of_an_unsealed_file() {
    let options = WatcherOptions { settle: 20 * PAUSE, ..options() };
    check_made(answering, options, |_, path, bytes| {
        let mut file = File::create(path).unwrap();
        for chunk in bytes.chunks(bytes.len().div_ceil(6)) {
            file.write_all(chunk).unwrap();
            thread::sleep(PAUSE);
        }
    });
}

#[test]
fn a_slow_copy_that_opens_the_file_for_each_chunk() {
    check_sealed(|_, path, bytes| {
        File::create(path).unwrap();
        for chunk in bytes.chunks(bytes.len().div_ceil(5)) {
            File::options().append(true).open(path).unwrap().write_all(chunk).unwrap();
            thread::sleep(STALL);
        }
    });
}

#[test]
fn rsync() {
    if has("rsync") {
        check(|folder, path, bytes| program("rsync", &[&"--ignore-times", &beside(folder, bytes), &path]));
    }
}

#[test]
fn rsync_in_place() {
    if has("rsync") {
        check(|folder, path, bytes| {
            program("rsync", &[&"--ignore-times", &"--inplace", &beside(folder, bytes), &path])
        });
    }
}

#[test]
fn as_editors_do() {
    check(|_, path, bytes| {
        fs::rename(path, path.with_extension("wasm~")).unwrap();
        fs::write(path, bytes).unwrap();
    });
}

#[test]
fn delete_and_create() {
    check(|_, path, bytes| {
        fs::remove_file(path).unwrap();
        thread::sleep(PAUSE);
        fs::write(path, bytes).unwrap();
    });
}

#[test]
fn delete_and_create_the_folder() {
    check(|_, path, bytes| {
        let folder = path.parent().unwrap();
        fs::remove_dir_all(folder).unwrap();
        thread::sleep(PAUSE);
        fs::create_dir(folder).unwrap();
        fs::write(path, bytes).unwrap();
    });
}

#[test]
fn a_hard_link() {
    check(|folder, path, bytes| {
        let source = beside(folder, bytes);
        program("ln", &[&"-f", &source, &path]);
        // Whoever writes the source next must not write through the link.
        fs::remove_file(source).unwrap();
    });
}

#[test]
fn a_symbolic_link_to_another_file() {
    check(|folder, path, bytes| {
        let version = folder.join(Digest::of(bytes).to_string());
        fs::write(&version, bytes).unwrap();
        program("ln", &[&"-sfn", &version, &path]);
    });
}

/// As Kubernetes replaces a ConfigMap: the file is a link through a link to a folder, which is replaced by a rename.
#[test]
fn a_symbolic_link_to_another_folder() {
    check(|_, path, bytes| {
        let folder = path.parent().unwrap();
        let version = Digest::of(bytes).to_string();
        fs::create_dir(folder.join(&version)).unwrap();
        fs::write(folder.join(&version).join("f.wasm"), bytes).unwrap();
        symlink(version, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
        if !path.is_symlink() {
            symlink("..data/f.wasm", folder.join("link")).unwrap();
            fs::rename(folder.join("link"), path).unwrap();
        }
    });
}

/// The system tells of no write through a mapped page; the descriptor is closed before.
#[test]
fn through_a_mapped_page() {
    const WRITE: &str = "import mmap, os, sys
new = open(sys.argv[1], 'rb').read()
file = os.open(sys.argv[2], os.O_RDWR)
os.ftruncate(file, len(new))
page = mmap.mmap(file, len(new))
os.close(file)
page[:] = new
page.flush()";
    if has("python3") {
        check(|folder, path, bytes| program("python3", &[&"-c", &WRITE, &beside(folder, bytes), &path]));
    }
}

/// The system notes no time for the second write to a page, as long as it has not written the first one to the disk.
#[test]
fn through_a_page_that_stays_mapped() {
    const WRITE: &str = "import mmap, os, sys
file = os.open(sys.argv[1], os.O_RDWR)
page = mmap.mmap(file, os.fstat(file).st_size)
os.close(file)
for line in sys.stdin:
    page[:] = open(line.rstrip(), 'rb').read()";
    if !has("python3") {
        return;
    }
    for make in [answering, sealed_answering] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.wasm");
        fs::write(&path, make(1)).unwrap();
        let followed = follow(&path, options());
        let caller = Caller::start(&followed.slot);
        caller.expect(1);
        let mut writer = Command::new("python3").arg("-c").arg(WRITE).arg(&path).stdin(Stdio::piped()).spawn().unwrap();
        let mut names = writer.stdin.take().unwrap();
        for number in 2..2 + DEPLOYMENTS {
            let source = beside(folder.path(), &make(number));
            writeln!(names, "{}", source.display()).unwrap();
            followed.expect(&make(number));
            caller.expect(number);
        }
        drop(names);
        assert!(writer.wait().unwrap().success());
        followed.expect_nothing();
        assert_eq!(caller.answers(), (1..2 + DEPLOYMENTS).collect::<Vec<_>>());
    }
}

#[test]
fn without_events() {
    let options = || WatcherOptions { events: false, ..options() };
    check_made(answering, options(), |_, path, bytes| fs::write(path, bytes).unwrap());
    check_made(sealed_answering, options(), |_, path, bytes| {
        let new = path.with_extension("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, path).unwrap();
    });
}

#[test]
fn what_changes_no_content_swaps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.wasm");
    fs::write(&path, answering(1)).unwrap();
    let followed = follow(&path, options());
    let caller = Caller::start(&followed.slot);
    program("touch", &[&path]);
    followed.expect_nothing();
    File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now() + Duration::from_secs(9)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    chown(&path, Some(rustix::process::getuid().as_raw()), Some(rustix::process::getgid().as_raw())).unwrap();
    followed.expect_nothing();
    // The same bytes in every other way.
    fs::write(&path, answering(1)).unwrap();
    let new = path.with_extension("new");
    fs::write(&new, answering(1)).unwrap();
    fs::rename(new, &path).unwrap();
    followed.expect_nothing();
    assert_eq!(followed.slot.history().len(), 1);
    assert_eq!(caller.answers(), [1]);
}
