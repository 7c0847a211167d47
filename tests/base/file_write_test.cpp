#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

std::string message_of(const Status& status) {
  return status ? "succeeded" : status.error().message;
}

class UmaskScope {
 public:
  explicit UmaskScope(mode_t mask) : before_(::umask(mask)) {}
  UmaskScope(const UmaskScope&) = delete;
  UmaskScope& operator=(const UmaskScope&) = delete;
  ~UmaskScope() { ::umask(before_); }

 private:
  mode_t before_;
};

// Files cannot grow past `bytes` while it lives: a full disk that needs no disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class WriteFile : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_) << folder_.error().message; }
  void TearDown() override { EXPECT_THAT(leftovers(), ::testing::IsEmpty()); }

  fs::path in_folder(const std::string& name) const { return folder_->path() / name; }
  fs::path written(const std::string& name, const std::string& contents) const {
    const Status status = write_file(in_folder(name), contents);
    EXPECT_TRUE(status) << status.error().message;
    return in_folder(name);
  }
  std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_->path())) {
      if (entry.path().filename().string().front() == '.') {
        names.push_back(entry.path());
      }
    }
    return names;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-write-test-");
};

TEST_F(WriteFile, WritesAndReplaces) {
  const fs::path path = in_folder("file");
  ASSERT_TRUE(write_file(path, "first, and longer"));
  EXPECT_EQ(read_file(path), "first, and longer");
  ASSERT_TRUE(write_file(path, "second"));
  EXPECT_EQ(read_file(path), "second");
  ASSERT_TRUE(write_file(path, ""));
  EXPECT_EQ(read_file(path), "");
}

TEST_F(WriteFile, RelativePathsAreOfTheCurrentFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_->path());
  const Status status = write_file("relative", "x");
  fs::current_path(before);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(read_file(in_folder("relative")), "x");
}

TEST_F(WriteFile, StreamsMoreThanOneBuffer) {
  std::string expected;
  const Status status = write_file(in_folder("file"), [&](std::ostream& out) -> Status {
    for (int i = 0; i < 200000; ++i) {
      out << i << '\n';
      expected += std::to_string(i) + '\n';
    }
    return {};
  });
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_GT(expected.size(), std::size_t{1} << 20U);
  EXPECT_EQ(read_file(in_folder("file")), expected);
}

TEST_F(WriteFile, AReaderOfTheOldFileKeepsIt) {
  const fs::path path = written("file", "old content");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  ASSERT_TRUE(write_file(path, "new"));
  char bytes[32]{};
  EXPECT_EQ(::read(descriptor, bytes, sizeof bytes), 11);
  EXPECT_STREQ(bytes, "old content");
  ::close(descriptor);
}

TEST_F(WriteFile, NewFilesHaveTheModeOfTheUmask) {
  const UmaskScope scope(027);
  EXPECT_EQ(mode_of(written("file", "x")), 0640U);
}

TEST_F(WriteFile, ReplacedFilesKeepTheirMode) {
  const UmaskScope scope(022);
  for (const mode_t mode : {0600U, 0664U, 0755U}) {
    const fs::path path = written("file", "x");
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    ASSERT_TRUE(write_file(path, "y"));
    EXPECT_EQ(mode_of(path), mode);
  }
}

TEST_F(WriteFile, WritesThroughSymbolicLinks) {
  fs::create_directory(in_folder("elsewhere"));
  const fs::path target = written("elsewhere/target", "old");
  fs::create_symlink("elsewhere/target", in_folder("relative"));
  fs::create_symlink(target, in_folder("absolute"));
  fs::create_symlink("relative", in_folder("chain"));
  for (const char* link : {"relative", "absolute", "chain"}) {
    ASSERT_TRUE(write_file(in_folder(link), link));
    EXPECT_EQ(read_file(target), link);
    EXPECT_TRUE(fs::is_symlink(in_folder(link))) << link;
    EXPECT_FALSE(fs::is_symlink(target));
  }
}

TEST_F(WriteFile, ALinkToNothingYetMakesItsTarget) {
  fs::create_symlink("target", in_folder("link"));
  EXPECT_TRUE(check_writable(in_folder("link")));
  EXPECT_FALSE(fs::exists(in_folder("target")));
  ASSERT_TRUE(write_file(in_folder("link"), "x"));
  EXPECT_TRUE(fs::is_symlink(in_folder("link")));
  EXPECT_EQ(read_file(in_folder("target")), "x");
}

TEST_F(WriteFile, ALoopOfLinksIsAnError) {
  fs::create_symlink("b", in_folder("a"));
  fs::create_symlink("a", in_folder("b"));
  EXPECT_THAT(message_of(write_file(in_folder("a"), "x")), HasSubstr("Too many levels of symbolic links"));
  EXPECT_FALSE(check_writable(in_folder("a")));
}

TEST_F(WriteFile, DevicesAreWrittenDirectly) {
  EXPECT_TRUE(write_file("/dev/null", "x"));
  EXPECT_TRUE(check_writable("/dev/null"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(WriteFile, AFullDeviceIsAnErrorWithTheReason) {
  EXPECT_EQ(message_of(write_file("/dev/full", "x")), "cannot write /dev/full: No space left on device");
  // Under one buffer: only the last flush can tell.
  EXPECT_EQ(message_of(write_file("/dev/full",
                                  [](std::ostream& out) -> Status {
                                    out << "x";
                                    return {};
                                  })),
            "cannot write /dev/full: No space left on device");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WriteFile, AWriterThatNoticesTheFailureDoesNotHideItsReason) {
  const Status status = write_file("/dev/full", [](std::ostream& out) -> Status {
    out << "x" << std::flush;
    return out ? Status{} : Status(fail("the stream went bad"));
  });
  EXPECT_EQ(message_of(status), "cannot write /dev/full: No space left on device");
}

TEST_F(WriteFile, PipesAreWrittenDirectly) {
  const fs::path path = in_folder("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(check_writable(path));  // must not wait for a reader
  std::string received;
  std::thread reader([&] { received = read_file(path).value_or("nothing"); });
  const std::string large(200000, 'x');  // more than a pipe holds
  const Status status = write_file(path, large);
  reader.join();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(received, large);
  EXPECT_TRUE(fs::is_fifo(path));
}

// As a shell's `tensorrt_profiling --json /dev/stdout > file` where the program has printed before.
TEST_F(WriteFile, OwnDescriptorsContinueWhereTheyStand) {
  const fs::path path = in_folder("redirected");
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(descriptor, 0);
  ASSERT_EQ(::write(descriptor, "before ", 7), 7);
  for (const char* folder : {"/dev/fd/", "/proc/self/fd/"}) {
    const fs::path own = folder + std::to_string(descriptor);
    EXPECT_TRUE(check_writable(own));
    const Status status = write_file(own, "written ");
    EXPECT_TRUE(status) << status.error().message;
  }
  ASSERT_EQ(::write(descriptor, "after", 5), 5);
  ::close(descriptor);
  EXPECT_EQ(read_file(path), "before written written after");
}

TEST_F(WriteFile, OwnDescriptorsThatCannotBeWritten) {
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(descriptor, 0);
  const fs::path own = "/dev/fd/" + std::to_string(descriptor);
  EXPECT_FALSE(check_writable(own));
  EXPECT_FALSE(write_file(own, "x"));
  ::close(descriptor);
  EXPECT_THAT(message_of(write_file(own, "x")), HasSubstr("Bad file descriptor"));
  EXPECT_FALSE(check_writable(own));
}

TEST_F(WriteFile, OnFailureTheOldFileStays) {
  const fs::path path = written("file", "old");
  {
    const FileSizeLimit limit(1000);
    EXPECT_EQ(message_of(write_file(path, std::string(10000, 'x'))),
              "cannot write " + path.string() + ": File too large");
    EXPECT_THAT(message_of(write_file(path,
                                      [](std::ostream& out) -> Status {
                                        out << std::string(1'000'000, 'x');
                                        return {};
                                      })),
                EndsWith("File too large"));
    EXPECT_FALSE(write_file(in_folder("new"), std::string(10000, 'x')));
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_FALSE(fs::exists(in_folder("new")));
}

TEST_F(WriteFile, ADiskWithoutRoomIsNoticedEarly) {
  const FileSizeLimit limit(0);
  EXPECT_FALSE(check_writable(in_folder("file")));
}

TEST_F(WriteFile, AWriterCanAbandonTheFile) {
  const fs::path path = written("file", "old");
  const Status status = write_file(path, [](std::ostream& out) -> Status {
    out << "half of it";
    return usage_error("layer conv1 has no time", "measure it");
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error(), (Error{ErrorCode::usage, "layer conv1 has no time", "measure it"}));
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(WriteFile, AWriterThatThrowsIsAnError) {
  const fs::path path = written("file", "old");
  const Status status = write_file(path, [](std::ostream&) -> Status { throw std::runtime_error("no such format"); });
  EXPECT_EQ(message_of(status), "cannot write " + path.string() + ": no such format");
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(WriteFile, PlacesThatCannotBeWrittenAreToldEarlyAndAlike) {
  written("plain", "x");
  const std::string long_name(300, 'n');
  for (const auto& [name, says] : {std::pair<std::string, std::string>{"", "the name of the file is empty"},
                                   {"@", "it is a directory"},
                                   {"@/", "it is a directory"},
                                   {"@/missing/file", "the folder @/missing does not exist"},
                                   {"@/missing/", "the folder @/missing"},
                                   {"@/plain/file", "Not a directory"},
                                   {"@/" + long_name, "File name too long"},
                                   {"/proc/nonexistent", "no file can be made in its folder"}}) {
    const auto filled = [&](std::string text) {
      if (const std::size_t at = text.find('@'); at != std::string::npos) {
        text.replace(at, 1, folder_->path().string());
      }
      return text;
    };
    const Status checked = check_writable(filled(name));
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::failed);
    EXPECT_THAT(checked.error().message, AllOf(HasSubstr("cannot write " + filled(name)), HasSubstr(filled(says))));
    const Status tried = write_file(filled(name), "x");
    ASSERT_FALSE(tried) << name;
    EXPECT_EQ(tried.error(), checked.error()) << name;
  }
}

TEST_F(WriteFile, AMissingFolderComesWithTheCommandThatMakesIt) {
  const Status status = write_file(in_folder("a/b/file"), "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().hint, "create it first: mkdir -p " + in_folder("a/b").string());
}

TEST_F(WriteFile, CheckWritableLeavesNothingAndChangesNothing) {
  const fs::path path = written("file", "old");
  EXPECT_TRUE(check_writable(path));
  EXPECT_TRUE(check_writable(in_folder("new")));
  EXPECT_EQ(read_file(path), "old");
  const auto entries = fs::directory_iterator(folder_->path());
  EXPECT_EQ(std::distance(fs::begin(entries), fs::end(entries)), 1);
}

// The superuser may write anything, so a child that gave that up tries.
bool as_another_user(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool dropped = ::setresgid(kNobody, kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0;
    ::_exit(dropped && check() ? 0 : 1);
  }
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class WriteFileAsAnotherUser : public WriteFile {
 protected:
  void SetUp() override {
    WriteFile::SetUp();
    if (::geteuid() != 0) {
      GTEST_SKIP() << "only the superuser can become another user";
    }
    ASSERT_EQ(::chmod(folder_->path().c_str(), 0755), 0);
  }
  // Both ways must fail with this, and the other user's file stay as it was.
  static bool both_say(const fs::path& path, const std::string& what) {
    return message_of(check_writable(path)).find(what) != std::string::npos &&
           message_of(write_file(path, "x")).find(what) != std::string::npos;
  }
};

TEST_F(WriteFileAsAnotherUser, FolderWithoutPermission) {
  const fs::path path = in_folder("file");
  EXPECT_TRUE(as_another_user([&] { return both_say(path, "Permission denied"); }));
}

TEST_F(WriteFileAsAnotherUser, ReadOnlyFileInAWritableFolder) {
  fs::create_directory(in_folder("open"));
  ASSERT_EQ(::chmod(in_folder("open").c_str(), 0777), 0);
  const fs::path path = written("open/file", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
  EXPECT_TRUE(as_another_user([&] { return both_say(path, "Permission denied"); }));
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(WriteFileAsAnotherUser, SomeoneElsesFileInAStickyFolder) {
  fs::create_directory(in_folder("sticky"));
  ASSERT_EQ(::chmod(in_folder("sticky").c_str(), 01777), 0);
  const fs::path path = written("sticky/file", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_TRUE(as_another_user([&] { return both_say(path, "it belongs to another user"); }));
  EXPECT_EQ(read_file(path), "old");
}

TEST_F(WriteFileAsAnotherUser, AFileOfMineStaysMine) {
  constexpr uid_t kSomeone = 12345;
  const fs::path path = written("file", "old");
  ASSERT_EQ(::chown(path.c_str(), kSomeone, kSomeone), 0);
  ASSERT_TRUE(write_file(path, "new"));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, kSomeone);
  EXPECT_EQ(status.st_gid, kSomeone);
}

}  // namespace
}  // namespace trtprof
