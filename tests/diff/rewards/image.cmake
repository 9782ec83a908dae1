add_executable(image_probe image_probe.c)
target_link_libraries(image_probe PRIVATE plugin_image_core m)

# A short run; the long one is image.py PROBE. It needs Python packages and says what it skips.
if(DIFF_PYTHON AND NOT ASSAY_INSTRUMENTED)
  add_test(NAME diff_image COMMAND ${DIFF_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/image.py $<TARGET_FILE:image_probe>
    --count 100 --hostile 40)
  set_tests_properties(diff_image PROPERTIES TIMEOUT 300 LABELS fast SKIP_RETURN_CODE 77)
endif()
