add_executable(text_probe text_probe.c)
target_link_libraries(text_probe PRIVATE assay_flags plugin_text_core)

# A short run; the long one is text.py PROBE. It needs Python packages and says what it skips.
if(DIFF_PYTHON AND NOT ASSAY_INSTRUMENTED)
  add_test(NAME diff_text COMMAND ${DIFF_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/text.py $<TARGET_FILE:text_probe>
    --count 300 --hostile 100)
  set_tests_properties(diff_text PROPERTIES TIMEOUT 300 LABELS fast SKIP_RETURN_CODE 77)
endif()
