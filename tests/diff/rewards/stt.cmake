add_executable(stt_probe stt_probe.c)
target_link_libraries(stt_probe PRIVATE plugin_stt_core)

# A short run; the long one is stt.py PROBE. It needs Python packages and says what it skips.
if(DIFF_PYTHON AND NOT ASSAY_INSTRUMENTED)
  add_test(NAME diff_stt COMMAND ${DIFF_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/stt.py $<TARGET_FILE:stt_probe>
    --count 500 --hostile 100)
  set_tests_properties(diff_stt PROPERTIES TIMEOUT 300 LABELS fast SKIP_RETURN_CODE 77)
endif()
