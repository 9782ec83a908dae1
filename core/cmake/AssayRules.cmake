# The build rules in one place: warnings, hardening, and the three functions
# (asy_module, asy_plugin, asy_test) that every folder uses.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(ASSAY_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_package(PkgConfig REQUIRED)
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(assay_flags INTERFACE)
target_compile_definitions(assay_flags INTERFACE _GNU_SOURCE)
# Contraction would let one compiler fuse a*b+c where another rounds twice: the
# same bits on every build matter more here than one instruction.
target_compile_options(assay_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wpointer-arith
  -ffp-contract=off -fno-strict-aliasing)
if(ASSAY_WERROR)
  target_compile_options(assay_flags INTERFACE -Werror)
endif()
if(ASSAY_SANITIZE_ADDRESS)
  target_compile_options(assay_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(assay_flags INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(assay_flags INTERFACE ASSAY_ASAN=1)
elseif(ASSAY_SANITIZE_THREAD)
  target_compile_options(assay_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(assay_flags INTERFACE -fsanitize=thread)
  target_compile_definitions(assay_flags INTERFACE ASSAY_TSAN=1)
elseif(ASSAY_SANITIZE_MEMORY)
  target_compile_options(assay_flags INTERFACE -fsanitize=memory -fsanitize-memory-track-origins -fno-omit-frame-pointer)
  target_link_options(assay_flags INTERFACE -fsanitize=memory)
elseif(NOT ASSAY_FUZZ)
  target_compile_options(assay_flags INTERFACE -fstack-protector-strong
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
if(ASSAY_COVERAGE)
  target_compile_options(assay_flags INTERFACE --coverage)
  target_link_options(assay_flags INTERFACE --coverage)
endif()
if(ASSAY_FUZZ)
  target_compile_options(assay_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(assay_flags INTERFACE -fsanitize=address,undefined)
endif()
# Checks of sources and of what is installed say the same in every build: once is enough.
set(ASSAY_INSTRUMENTED OFF)
if(ASSAY_SANITIZE_ADDRESS OR ASSAY_SANITIZE_THREAD OR ASSAY_SANITIZE_MEMORY OR ASSAY_COVERAGE OR ASSAY_FUZZ)
  set(ASSAY_INSTRUMENTED ON)
endif()
target_link_options(assay_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)

# The include folder of a room holds nothing but a link to the room.
function(asy_room target visibility name)
  set(room ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${room})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${room}/${name} SYMBOLIC)
  target_include_directories(${target} ${visibility} ${room} ${PROJECT_SOURCE_DIR}/include)
endfunction()

# asy_module(NAME LEVEL n SOURCES ... MAY_USE modules ... LIBS libraries ...)
# A module is one static library, includable as "<name>/<name>.h" by whoever names it in
# MAY_USE and by nobody else: what it uses is PRIVATE. tests/lint/layers.txt checks the same from the #include lines.
function(asy_module name)
  cmake_parse_arguments(M "" "LEVEL" "SOURCES;MAY_USE;LIBS" ${ARGN})
  add_library(asy_${name} STATIC ${M_SOURCES})
  asy_room(asy_${name} PUBLIC ${name})
  target_link_libraries(asy_${name} PUBLIC assay_flags PRIVATE ${M_LIBS})
  foreach(dep IN LISTS M_MAY_USE)
    target_link_libraries(asy_${name} PRIVATE asy_${dep})
  endforeach()
  set_property(TARGET asy_${name} PROPERTY ASSAY_LEVEL ${M_LEVEL})
endfunction()

# asy_program(NAME SOURCES ... MAY_USE modules ... LIBS ...): an installed main.
function(asy_program name)
  cmake_parse_arguments(P "" "" "SOURCES;MAY_USE;LIBS" ${ARGN})
  add_executable(${name} ${P_SOURCES})
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  asy_room(${name} PRIVATE ${folder})
  target_link_libraries(${name} PRIVATE assay_flags ${P_LIBS})
  foreach(dep IN LISTS P_MAY_USE)
    target_link_libraries(${name} PRIVATE asy_${dep})
  endforeach()
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# asy_plugin(NAME SOURCES ... LIBS ...): a reward model, one .so, linking
# nothing of ours.
function(asy_plugin name)
  cmake_parse_arguments(P "" "" "SOURCES;LIBS" ${ARGN})
  add_library(plugin_${name} MODULE ${P_SOURCES})
  target_include_directories(plugin_${name} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(plugin_${name} PRIVATE assay_flags ${P_LIBS})
  set_target_properties(plugin_${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${ASSAY_PLUGIN_OUTPUT_DIRECTORY})
  install(TARGETS plugin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/assay/plugins)
endfunction()

# Modules whose tests MemorySanitizer can judge: they link no foreign code that writes,
# except a digest from crypto, which tests/support/check_msan.c answers for.
set(ASSAY_PURE base subnet schedule weights yuma)
add_custom_target(pure_tests)
# Check as packaged is not instrumented; under MemorySanitizer a small runner replaces it.
set(ASSAY_CHECK PkgConfig::CHECK)
if(ASSAY_SANITIZE_MEMORY)
  set(ASSAY_CHECK check_msan)
endif()

# Modules that start threads, their own or a library's.
set(ASSAY_THREADED loop http miner localnet research)

# asy_test(NAME SOURCES ... MAY_USE modules ... LIBS ... LABELS ...): one Check
# program, run by ctest with the source tree's path in ASSAY_SOURCE_DIR. What links a
# module with threads is labelled tsan, so that no such test is forgotten there; what
# links pure modules only is labelled pure, for MemorySanitizer.
function(asy_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;MAY_USE;LIBS;LABELS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300) # ends what hangs; nothing is timed by it
  endif()
  if(NOT T_LABELS)
    set(T_LABELS fast)
  endif()
  foreach(module IN LISTS ASSAY_THREADED)
    if(module IN_LIST T_MAY_USE)
      list(APPEND T_LABELS tsan)
    endif()
  endforeach()
  set(impure ${T_MAY_USE} ${T_LIBS})
  list(REMOVE_ITEM impure ${ASSAY_PURE} crypto m)
  add_executable(${name} ${T_SOURCES})
  if(NOT impure AND NOT "${T_MAY_USE}" STREQUAL crypto)
    list(APPEND T_LABELS pure)
    add_dependencies(pure_tests ${name})
  endif()
  list(REMOVE_DUPLICATES T_LABELS)
  target_include_directories(${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE assay_flags ${T_LIBS} ${ASSAY_CHECK})
  foreach(dep IN LISTS T_MAY_USE)
    target_link_libraries(${name} PRIVATE asy_${dep})
  endforeach()
  target_compile_definitions(${name} PRIVATE
    ASSAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ASSAY_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}")
endfunction()

# Adds every direct subfolder that has a CMakeLists.txt: a room exists once it
# has code, and making one needs no edit here.
function(asy_add_rooms)
  file(GLOB rooms CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(room IN LISTS rooms)
    get_filename_component(dir ${room} DIRECTORY)
    add_subdirectory(${dir})
  endforeach()
endfunction()
