add_executable(encoder_probe encoder_probe.c)
target_link_libraries(encoder_probe PRIVATE plugin_encoder)

# A short run; the long one is encoder.py PROBE MODELS. It needs Python packages and, for
# some of it, a model, and says what it skips.
find_program(DIFF_PYTHON NAMES python3)
if(DIFF_PYTHON AND NOT ASSAY_INSTRUMENTED)
  add_test(NAME diff_encoder COMMAND ${DIFF_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/encoder.py $<TARGET_FILE:encoder_probe>
    ${PROJECT_SOURCE_DIR}/tests/unit/plugin_encoder/models --count 200 --hostile 50)
  set_tests_properties(diff_encoder PROPERTIES TIMEOUT 300 LABELS fast SKIP_RETURN_CODE 77)
endif()
