asy_golden(stt LIBS plugin_stt_core)
target_compile_definitions(golden_stt PRIVATE ASSAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
