#include "trtprof/backend/library_folders.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class LibraryFolders : public testing::Test {
 protected:
  fs::path folder(const fs::path& relative) {
    fs::create_directories(root() / relative);
    return root() / relative;
  }
  [[nodiscard]] fs::path root() const { return temporary_->path(); }

 private:
  Result<TemporaryFolder> temporary_ = TemporaryFolder::create("library_folders");
};

TEST_F(LibraryFolders, ActiveEnvironmentsBeforeThoseOnThePathBeforeToolkits) {
  const fs::path active = folder("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
  const fs::path older = folder("opt/py/lib/python3.10/site-packages/nvidia/cublas/lib");
  const fs::path distribution = folder("usr/lib/python3/dist-packages/nvidia/cu12/lib");
  const fs::path user = folder("home/u/.local/lib/python3.11/site-packages/nvidia/cu13/lib");
  const fs::path newer_toolkit = folder("usr/local/cuda-13.0/targets/x86_64-linux/lib");
  const fs::path toolkit = folder("usr/local/cuda-12.8/lib64");
  LibraryPlaces places;
  places.root = root();
  places.virtual_env = (root() / "venv").string();
  // The environment's own programs are on the path, too: it counts once.
  places.path = (root() / "venv/bin").string() + ":" + (root() / "opt/py/bin").string() +
                "::relative:" + (root() / "usr/bin").string();
  places.home = (root() / "home/u").string();
  EXPECT_THAT(cuda_library_folders(places), ElementsAre(active, older, distribution, user, newer_toolkit, toolkit));
}

TEST_F(LibraryFolders, NoneWhereNothingIsInstalled) {
  LibraryPlaces places;
  places.root = root();
  places.path = "/nonexistent/bin";
  EXPECT_THAT(cuda_library_folders(places), IsEmpty());
}

}  // namespace
}  // namespace trtprof
