// Uses a little of each part that the installed library is made of: plain functions, the Profile and its JSON, and the
// ONNX side, so that a missing archive or header shows at link time.
#include <cstdio>
#include <trtprof/base/build_info.h>
#include <trtprof/base/statistics.h>
#include <trtprof/profile/profile_json.h>
#include <trtprof/samples/samples.h>
#include <vector>

int main() {
  const trtprof::Summary summary = trtprof::summarize(std::vector<double>{0.003, 0.001, 0.002});
  if (summary.median != 0.002) {
    std::puts("median of 1, 2 and 3 ms is not 2 ms");
    return 1;
  }

  trtprof::Profile profile;
  profile.notes = {"made by the consumer"};
  const auto loaded = trtprof::profile_from_json(trtprof::profile_to_json(profile), "memory");
  if (!loaded || !(loaded->profile == profile)) {
    std::puts(loaded ? "the profile changed on its way through JSON" : loaded.error().message.c_str());
    return 1;
  }

  trtprof::SampleOptions options;
  options.width = 0.25;
  options.resolution = 64;
  const auto model = trtprof::make_sample("mobilenetv2", options);
  if (!model || model->graph().nodes.empty()) {
    std::puts(model ? "the sample has no nodes" : model.error().message.c_str());
    return 1;
  }
  std::printf("trtprof %s: as expected\n", trtprof::kVersion);
}
