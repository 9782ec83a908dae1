# blst, BLS12-381, as the target BLST::blst: the system's copy when there is one, else
# compiled here from the source that configs/blst.sh fetched, or, with ASSAY_FETCH_BLST,
# from the upstream repository.
option(ASSAY_FETCH_BLST "Fetch blst from its upstream repository when the system has none" OFF)

find_path(BLST_INCLUDE_DIR blst.h)
find_library(BLST_LIBRARY blst)
if(BLST_INCLUDE_DIR AND BLST_LIBRARY)
  add_library(BLST::blst UNKNOWN IMPORTED)
  set_target_properties(BLST::blst PROPERTIES
    IMPORTED_LOCATION ${BLST_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${BLST_INCLUDE_DIR})
  set(BLST_FOUND TRUE)
  return()
endif()

set(blst_source ${PROJECT_SOURCE_DIR}/build/blst)
if(ASSAY_FETCH_BLST)
  include(FetchContent)
  FetchContent_Declare(blst GIT_REPOSITORY https://github.com/supranational/blst.git GIT_TAG v0.3.16)
  FetchContent_MakeAvailable(blst)
  set(blst_source ${blst_SOURCE_DIR})
endif()
if(NOT EXISTS ${blst_source}/src/server.c)
  message(FATAL_ERROR "blst is missing: run 'sh configs/blst.sh', install it, or configure with -DASSAY_FETCH_BLST=ON")
endif()

# As its own build does it. "Portable" asks the processor at run time, as we do.
add_library(blst STATIC ${blst_source}/src/server.c ${blst_source}/build/assembly.S)
target_include_directories(blst SYSTEM INTERFACE ${blst_source}/bindings)
target_compile_options(blst PRIVATE -O2 -fno-builtin -w)
target_compile_definitions(blst PRIVATE __BLST_PORTABLE__)
set_target_properties(blst PROPERTIES C_EXTENSIONS ON)
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|aarch64|arm64)$")
  target_compile_definitions(blst PRIVATE __BLST_NO_ASM__)
endif()
add_library(BLST::blst ALIAS blst)
set(BLST_FOUND TRUE)
