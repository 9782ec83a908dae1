# The plugin as `assay score` runs it; needs Python packages and says what it skips.
find_program(DIFF_PYTHON NAMES python3)
if(DIFF_PYTHON AND NOT ASSAY_INSTRUMENTED)
  add_test(NAME diff_ranking COMMAND ${DIFF_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/ranking.py
    $<TARGET_FILE:assay> $<TARGET_FILE:plugin_ranking>)
  set_tests_properties(diff_ranking PROPERTIES TIMEOUT 300 LABELS fast SKIP_RETURN_CODE 77)
endif()
