//! Files that are replaced while their function is being called.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use abi::Digest;
use runtime::{
    Candidate, Follower, LoadOptions, OpenError, Slot, SlotEvent, SlotPolicy, Watch, Watcher, WatcherOptions, files,
};

use crate::guest::{answer, answering, engine, sealed_answering};

const PATIENCE: Duration = Duration::from_secs(60);
/// Long enough for many looks.
const QUIET: Duration = Duration::from_millis(600);

struct Followed {
    slot: Slot,
    events: Receiver<SlotEvent>,
    _watch: Watch,
    _watcher: Watcher,
}

fn follow(path: &Path) -> Followed {
    let version = files::load(engine(), path, LoadOptions::default()).unwrap();
    let slot = Slot::new("followed", version, SlotPolicy::default()).unwrap();
    let events = slot.subscribe(64);
    let options = WatcherOptions {
        poll: Duration::from_millis(50),
        settle: Duration::from_millis(60),
        ..WatcherOptions::default()
    };
    let watcher = Watcher::start(engine(), options).unwrap();
    let watch = watcher.watch(&slot, path, LoadOptions::default()).unwrap();
    Followed { slot, events, _watch: watch, _watcher: watcher }
}

impl Followed {
    /// The next event that is not about an old version's end.
    fn event(&self) -> SlotEvent {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an event") {
                SlotEvent::Drained { .. } => {}
                other => return other,
            }
        }
    }

    #[track_caller]
    fn expect_published(&self, bytes: &[u8]) {
        let event = self.event();
        assert!(matches!(event, SlotEvent::Published { new, .. } if new == Digest::of(bytes)), "{event:?}");
        assert_eq!(self.slot.digest(), Digest::of(bytes));
    }

    #[track_caller]
    fn expect_refused(&self, bytes: &[u8], expected: &str) {
        match self.event() {
            SlotEvent::Refused { digest, reason, .. } => {
                assert_eq!(digest, Some(Digest::of(bytes)));
                assert!(reason.contains(expected), "{reason}");
            }
            other => panic!("a refusal expected, not {other:?}"),
        }
    }

    #[track_caller]
    fn expect_nothing(&self) {
        thread::sleep(QUIET);
        let heard: Vec<_> =
            self.events.try_iter().filter(|event| !matches!(event, SlotEvent::Drained { .. })).collect();
        assert_eq!(heard, []);
    }
}

fn rename_over(path: &Path, bytes: &[u8]) {
    let temporary = path.with_extension("new");
    fs::write(&temporary, bytes).unwrap();
    fs::rename(temporary, path).unwrap();
}

/// A directory with `f.wasm` that answers 1.
fn directory() -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f.wasm");
    fs::write(&path, answering(1)).unwrap();
    (directory, path)
}

#[test]
fn a_rename_over_the_file_swaps_every_time() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    for number in 2..6 {
        rename_over(&path, &answering(number));
        followed.expect_published(&answering(number));
        assert_eq!(answer(&followed.slot.acquire()), number);
    }
    followed.expect_nothing();
}

#[test]
fn a_file_written_in_place_swaps_once() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    fs::write(&path, answering(2)).unwrap();
    followed.expect_published(&answering(2));
    followed.expect_nothing();
}

#[test]
fn a_slow_copy_swaps_once_it_is_whole() {
    use std::io::Write as _;
    let (_directory, path) = directory();
    fs::write(&path, sealed_answering(1)).unwrap();
    let followed = follow(&path);
    let new = sealed_answering(2);
    let mut file = fs::File::create(&path).unwrap();
    for chunk in new.chunks(new.len().div_ceil(20)) {
        file.write_all(chunk).unwrap();
        file.flush().unwrap();
        thread::sleep(Duration::from_millis(5));
    }
    drop(file);
    followed.expect_published(&new);
    followed.expect_nothing();
}

#[test]
fn touch_swaps_nothing() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now()).unwrap();
    rename_over(&path, &answering(1));
    followed.expect_nothing();
    assert_eq!(followed.slot.history().len(), 1);
}

#[test]
fn garbage_leaves_the_old_version_running_with_one_event() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    fs::write(&path, b"this is not Wasm").unwrap();
    followed.expect_refused(b"this is not Wasm", "not a Wasm file");
    followed.expect_nothing();
    assert_eq!(answer(&followed.slot.acquire()), 1);
    rename_over(&path, &answering(2));
    followed.expect_published(&answering(2));
}

#[test]
fn a_cut_sealed_file_leaves_the_old_version_running_with_one_event() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    rename_over(&path, &sealed_answering(2));
    followed.expect_published(&sealed_answering(2));
    let new = sealed_answering(3);
    let cut = &new[..new.len() - 20];
    rename_over(&path, cut);
    followed.expect_refused(cut, "the file is refused: ");
    followed.expect_nothing();
    assert_eq!(answer(&followed.slot.acquire()), 2);
    // The stripped form of a sealed file is not taken for a new unsealed one either.
    rename_over(&path, &answering(4));
    followed.expect_refused(&answering(4), "the file is not sealed");
    rename_over(&path, &new);
    followed.expect_published(&new);
}

/// Puts something that is no readable file at the path; the live version stays, one event says why, other files are
/// followed meanwhile, and a good file goes live afterwards.
#[track_caller]
fn check_unreadable(put: impl FnOnce(&Path), expected: &str) {
    let (_directory, path) = directory();
    let followed = follow(&path);
    fs::remove_file(&path).unwrap();
    put(&path);
    match followed.event() {
        SlotEvent::Refused { digest: None, reason, .. } => assert!(reason.contains(expected), "{reason}"),
        other => panic!("a refusal expected, not {other:?}"),
    }
    followed.expect_nothing();
    assert_eq!(answer(&followed.slot.acquire()), 1);
    if path.is_dir() {
        fs::remove_dir(&path).unwrap();
    }
    rename_over(&path, &answering(2));
    followed.expect_published(&answering(2));
}

#[cfg(unix)]
#[test]
fn a_pipe_leaves_the_old_version_running_with_one_event() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let put = |path: &Path| mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    check_unreadable(put, "f.wasm: not a regular file");
}

#[test]
fn a_directory_leaves_the_old_version_running_with_one_event() {
    check_unreadable(|path| fs::create_dir(path).unwrap(), "f.wasm: not a regular file");
}

#[test]
fn a_file_too_large_leaves_the_old_version_running_with_one_event() {
    let put = |path: &Path| fs::File::create(path).unwrap().set_len(files::FILE_BYTES_MAX + 1).unwrap();
    check_unreadable(put, "has 2147483649 bytes, the limit is 2147483648");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_opened_leaves_the_old_version_running_with_one_event() {
    check_unreadable(|path| std::os::unix::fs::symlink("f.wasm", path).unwrap(), "cannot read ");
}

#[test]
fn a_file_that_lacks_functions_leaves_the_old_version_running() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    let other = wat::parse_str(r#"(module (func (export "other")))"#).unwrap();
    rename_over(&path, &other);
    followed.expect_refused(&other, "missing v");
    followed.expect_nothing();
}

#[test]
fn deleting_and_creating_again_swaps() {
    let (_directory, path) = directory();
    let followed = follow(&path);
    fs::remove_file(&path).unwrap();
    followed.expect_nothing();
    assert_eq!(answer(&followed.slot.acquire()), 1);
    fs::write(&path, answering(2)).unwrap();
    followed.expect_published(&answering(2));
}

#[cfg(unix)]
#[test]
fn flipping_a_link_to_a_directory_swaps() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for number in 1..4 {
        fs::create_dir(root.join(format!("v{number}"))).unwrap();
        fs::write(root.join(format!("v{number}/f.wasm")), answering(number)).unwrap();
    }
    symlink("v1", root.join("..data")).unwrap();
    symlink("..data/f.wasm", root.join("f.wasm")).unwrap();
    let followed = follow(&root.join("f.wasm"));
    for number in 2..4 {
        symlink(format!("v{number}"), root.join("..data_new")).unwrap();
        fs::rename(root.join("..data_new"), root.join("..data")).unwrap();
        followed.expect_published(&answering(number));
    }
}

#[test]
fn a_replaced_directory_is_followed() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("functions");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("f.wasm"), answering(1)).unwrap();
    let followed = follow(&directory.join("f.wasm"));
    fs::remove_dir_all(&directory).unwrap();
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("f.wasm"), answering(2)).unwrap();
    followed.expect_published(&answering(2));
    rename_over(&directory.join("f.wasm"), &answering(3));
    followed.expect_published(&answering(3));
}

#[test]
fn a_dropped_watch_follows_no_more() {
    let (_directory, path) = directory();
    let Followed { slot, events, _watch: watch, _watcher: watcher } = follow(&path);
    drop(watch);
    // The watcher takes messages in order: once a second file is followed, the first is not.
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("g.wasm"), answering(1)).unwrap();
    let second = Slot::new("second", crate::guest::version(answering(1)), SlotPolicy::default()).unwrap();
    let heard = second.subscribe(8);
    let _watch = watcher.watch(&second, &other.path().join("g.wasm"), LoadOptions::default()).unwrap();
    rename_over(&path, &answering(2));
    rename_over(&other.path().join("g.wasm"), &answering(3));
    assert!(matches!(heard.recv_timeout(PATIENCE), Ok(SlotEvent::Published { .. })));
    thread::sleep(QUIET);
    assert_eq!(events.try_iter().collect::<Vec<_>>(), []);
    assert_eq!(answer(&slot.acquire()), 1);
}

/// Takes what ends in an even byte, and tells of everything.
struct Choosy {
    live: Mutex<Option<Digest>>,
    heard: Sender<String>,
}

impl Follower for Choosy {
    fn live(&self) -> Option<Digest> {
        *self.live.lock().unwrap()
    }

    fn deploy(&self, candidate: Candidate) -> bool {
        let bytes = candidate.bytes();
        let last = bytes[bytes.len() - 1];
        assert_ne!(last, b'!', "deploying fails in an unforeseen way");
        let is_even = last.is_multiple_of(2);
        if is_even {
            *self.live.lock().unwrap() = Some(candidate.digest());
        }
        self.heard.send(format!("{}: {is_even}", str::from_utf8(bytes).unwrap())).unwrap();
        is_even
    }

    fn broke(&self, digest: Digest) {
        self.heard.send(format!("broke: {}", digest == Digest::of(b"c!"))).unwrap();
    }

    fn unreadable(&self, error: &OpenError) {
        self.heard.send(format!("unreadable: {error}")).unwrap();
    }

    fn restored(&self) {
        self.heard.send("restored".into()).unwrap();
    }
}

#[test]
fn a_follower_decides_about_files_that_need_not_exist_yet() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f");
    let options = WatcherOptions {
        poll: Duration::from_millis(50),
        settle: Duration::from_millis(60),
        ..WatcherOptions::default()
    };
    let watcher = Watcher::start(engine(), options).unwrap();
    let (heard, hears) = mpsc::channel();
    let follower = Arc::new(Choosy { live: Mutex::new(None), heard });
    let _watch = watcher.follow(&path, Arc::clone(&follower) as Arc<dyn Follower>).unwrap();
    let expect = |expected: &str| assert_eq!(hears.recv_timeout(PATIENCE).as_deref(), Ok(expected));
    for (content, expected) in [("a0", "a0: true"), ("b1", "b1: false"), ("c!", "broke: true"), ("d2", "d2: true")] {
        rename_over(&path, content.as_bytes());
        expect(expected);
    }
    // What is live already is left alone, however it became so.
    *follower.live.lock().unwrap() = Some(Digest::of(b"e4"));
    rename_over(&path, b"e4");
    thread::sleep(QUIET);
    assert_eq!(hears.try_recv(), Err(mpsc::TryRecvError::Empty));
}

#[test]
fn work_in_the_background_is_waited_for() {
    assert_eq!(engine().in_background(|| 6 * 7), Some(42));
    assert_eq!(engine().in_background(|| panic!("on purpose")), None::<()>);
    assert_eq!(engine().in_background(|| 1), Some(1));
}
