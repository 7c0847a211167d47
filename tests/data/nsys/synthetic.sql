-- SYNTHETIC: written by hand after the documented schema of Nsight Systems' SQLite export (2021 to 2025); no version of
-- the tool made it. Two inferences of two layers, three kernels each, with copies, a fill and a wait; a kernel before
-- them. Times are nanoseconds.
CREATE TABLE StringIds (id INTEGER NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE TARGET_INFO_GPU (vmId INTEGER, id INTEGER, name TEXT, busLocation TEXT, isDiscrete INTEGER,
  l2CacheSize INTEGER, totalMemory INTEGER, memoryBandwidth INTEGER, clockRate INTEGER, smCount INTEGER,
  computeMajor INTEGER, computeMinor INTEGER, chipName TEXT);
CREATE TABLE NVTX_EVENTS (start INTEGER NOT NULL, end INTEGER, eventType INTEGER NOT NULL, rangeId INTEGER,
  category INTEGER, color INTEGER, text TEXT, globalTid INTEGER, endGlobalTid INTEGER, textId INTEGER, domainId INTEGER,
  uint64Value INTEGER, int64Value INTEGER, doubleValue REAL, uint32Value INTEGER, int32Value INTEGER, floatValue REAL,
  jsonTextId INTEGER, jsonText TEXT);
CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER NOT NULL, end INTEGER NOT NULL, eventClass INTEGER NOT NULL,
  globalTid INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL, returnValue INTEGER NOT NULL, callchainId INTEGER);
CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL,
  contextId INTEGER NOT NULL, greenContextId INTEGER, streamId INTEGER NOT NULL, correlationId INTEGER,
  globalPid INTEGER, demangledName INTEGER NOT NULL, shortName INTEGER NOT NULL, mangledName INTEGER,
  launchType INTEGER, cacheConfig INTEGER, registersPerThread INTEGER NOT NULL, gridX INTEGER NOT NULL,
  gridY INTEGER NOT NULL, gridZ INTEGER NOT NULL, blockX INTEGER NOT NULL, blockY INTEGER NOT NULL,
  blockZ INTEGER NOT NULL, staticSharedMemory INTEGER NOT NULL, dynamicSharedMemory INTEGER NOT NULL,
  localMemoryPerThread INTEGER NOT NULL, localMemoryTotal INTEGER NOT NULL, gridId INTEGER NOT NULL,
  sharedMemoryExecuted INTEGER, graphNodeId INTEGER, sharedMemoryLimitConfig INTEGER);
CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL,
  contextId INTEGER NOT NULL, greenContextId INTEGER, streamId INTEGER NOT NULL, correlationId INTEGER,
  globalPid INTEGER, bytes INTEGER NOT NULL, copyKind INTEGER NOT NULL, deprecatedSrcId INTEGER, srcKind INTEGER,
  dstKind INTEGER, srcDeviceId INTEGER, srcContextId INTEGER, dstDeviceId INTEGER, dstContextId INTEGER,
  migrationCause INTEGER, graphNodeId INTEGER, virtualAddress INTEGER, copyCount INTEGER);
CREATE TABLE CUPTI_ACTIVITY_KIND_MEMSET (start INTEGER NOT NULL, end INTEGER NOT NULL, deviceId INTEGER NOT NULL,
  contextId INTEGER NOT NULL, greenContextId INTEGER, streamId INTEGER NOT NULL, correlationId INTEGER,
  globalPid INTEGER, value INTEGER NOT NULL, bytes INTEGER NOT NULL, graphNodeId INTEGER, memKind INTEGER);
CREATE TABLE CUPTI_ACTIVITY_KIND_SYNCHRONIZATION (start INTEGER NOT NULL, end INTEGER NOT NULL,
  deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, greenContextId INTEGER, streamId INTEGER NOT NULL,
  correlationId INTEGER, globalPid INTEGER, syncType INTEGER NOT NULL, eventId INTEGER NOT NULL);

INSERT INTO StringIds VALUES
  (1, 'cudaLaunchKernel_v7000'), (2, 'cudaMemcpyAsync_v3020'), (3, 'cudaStreamSynchronize_v3020'),
  (4, 'void ns::conv_kernel<float, 32>(const float *, float *)'), (5, 'conv_kernel'), (6, 'gemm_kernel_trt'),
  (7, 'conv1 + relu1'), (8, 'fc'), (9, 'cudaMemsetAsync_v3020'), (10, 'ExecutionContext::enqueue');
INSERT INTO TARGET_INFO_GPU (vmId, id, name, smCount, computeMajor, computeMinor)
  VALUES (0, 0, 'NVIDIA Synthetic', 132, 9, 0);
INSERT INTO NVTX_EVENTS (start, end, eventType, text, globalTid, domainId) VALUES
  (10, NULL, 75, 'TensorRT', 77, 1), (11, NULL, 75, 'tensorrt_profiling', 77, 2);
-- Inference n begins at 100000 * (n + 1): our range, TensorRT's, its layers; texts as strings and as ids.
INSERT INTO NVTX_EVENTS (start, end, eventType, text, textId, globalTid, domainId) VALUES
  (100000, 160000, 59, 'inference', NULL, 77, 2), (103000, 130000, 59, NULL, 10, 77, 1),
  (104000, 112000, 59, NULL, 7, 77, 1), (113000, 118000, 59, 'fc', NULL, 77, 1),
  (200000, 260000, 59, 'inference', NULL, 77, 2), (203000, 230000, 59, NULL, 10, 77, 1),
  (204000, 212000, 59, NULL, 7, 77, 1), (213000, 218000, 59, 'fc', NULL, 77, 1),
  (104000, 112000, 59, 'elsewhere', NULL, 78, 0);
INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME (start, end, eventClass, globalTid, correlationId, nameId, returnValue) VALUES
  (50000, 51000, 0, 77, 1, 1, 0),
  (101000, 102000, 0, 77, 10, 2, 0), (104500, 106500, 0, 77, 11, 1, 0), (107000, 108000, 0, 77, 12, 1, 0),
  (113500, 115000, 0, 77, 13, 1, 0), (131000, 132000, 0, 77, 14, 9, 0), (133000, 134000, 0, 77, 15, 2, 0),
  (135000, 158000, 0, 77, 16, 3, 0),
  (201000, 202000, 0, 77, 20, 2, 0), (204500, 206500, 0, 77, 21, 1, 0), (207000, 208000, 0, 77, 22, 1, 0),
  (213500, 215000, 0, 77, 23, 1, 0), (231000, 232000, 0, 77, 24, 9, 0), (233000, 234000, 0, 77, 25, 2, 0),
  (235000, 258000, 0, 77, 26, 3, 0);
INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL (start, end, deviceId, contextId, streamId, correlationId, demangledName,
  shortName, registersPerThread, gridX, gridY, gridZ, blockX, blockY, blockZ, staticSharedMemory, dynamicSharedMemory,
  localMemoryPerThread, localMemoryTotal, gridId, graphNodeId) VALUES
  (60000, 61000, 0, 1, 7, 1, 6, 6, 32, 1, 1, 1, 32, 1, 1, 0, 0, 0, 0, 1, NULL),
  (110000, 114000, 0, 1, 7, 11, 4, 5, 40, 8, 4, 1, 128, 1, 1, 1024, 2048, 0, 0, 2, NULL),
  (114500, 118500, 0, 1, 7, 12, 4, 5, 40, 8, 4, 1, 128, 1, 1, 1024, 2048, 0, 0, 3, NULL),
  (120000, 126000, 0, 1, 7, 13, 6, 6, 96, 2, 1, 1, 256, 1, 1, 0, 65536, 0, 0, 4, NULL),
  (210000, 214000, 0, 1, 7, 21, 4, 5, 40, 8, 4, 1, 128, 1, 1, 1024, 2048, 0, 0, 5, NULL),
  (214500, 218500, 0, 1, 7, 22, 4, 5, 40, 8, 4, 1, 128, 1, 1, 1024, 2048, 0, 0, 6, NULL),
  (220000, 228000, 0, 1, 7, 23, 6, 6, 96, 2, 1, 1, 256, 1, 1, 0, 65536, 0, 0, 7, NULL);
INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY (start, end, deviceId, contextId, streamId, correlationId, bytes, copyKind,
  srcKind, dstKind) VALUES
  (102500, 104500, 0, 1, 7, 10, 1000, 1, 1, 2), (136000, 137000, 0, 1, 7, 15, 500, 2, 2, 0),
  (202500, 204500, 0, 1, 7, 20, 1000, 1, 1, 2), (236000, 237000, 0, 1, 7, 25, 500, 2, 2, 0);
INSERT INTO CUPTI_ACTIVITY_KIND_MEMSET (start, end, deviceId, contextId, streamId, correlationId, value, bytes, memKind)
  VALUES (132000, 132500, 0, 1, 7, 14, 0, 64, 2), (232000, 232500, 0, 1, 7, 24, 0, 64, 2);
