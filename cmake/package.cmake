# Packages, by cpack: `TGZ`, the static programs in a tree that works wherever it is unpacked; `DEB`, a package for each that needs shared
# libraries of the system. What is in them is what cmake/install.cmake installs.
set(CPACK_PACKAGE_NAME wfc)
set(CPACK_PACKAGE_VENDOR wfc)
set(CPACK_PACKAGE_CONTACT "The wfc developers <wfc@lists.invalid>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
set(CPACK_PACKAGE_FILE_NAME wfc-${PROJECT_VERSION}-${system}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_GENERATOR TGZ)
set(CPACK_COMPONENTS_ALL wfc)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_BINARY_DIR}/package-options.cmake)

set(components wfc)
foreach(program wfr-geo wfr-torch wfr-s3)
  if(TARGET ${program})
    list(APPEND components ${program})
  endif()
endforeach()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_WFC_PACKAGE_NAME wfc)
set(CPACK_DEBIAN_WFC_PACKAGE_SUGGESTS "wfr-geo, wfr-torch, wfr-s3, shellcheck")
set(CPACK_COMPONENT_WFC_DESCRIPTION "compiler for typed workflows
A flow is written once, checked against the machine it will run on, and
turned into SLURM job arrays, a Rocoto document, a Snakefile, Nomad jobs,
or a run on this machine. wfr runs what was built.")
set(CPACK_DEBIAN_WFR-GEO_PACKAGE_NAME wfr-geo)
set(CPACK_DEBIAN_WFR-GEO_PACKAGE_DEPENDS "wfc (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_WFR-GEO_DESCRIPTION "steps of flows that work on rasters and features
Maps compared, polygons tiled and counted, pyramids and web maps, by GDAL,
for flows of wfc.")
set(CPACK_DEBIAN_WFR-TORCH_PACKAGE_NAME wfr-torch)
set(CPACK_DEBIAN_WFR-TORCH_PACKAGE_DEPENDS "wfc (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_WFR-TORCH_DESCRIPTION "steps of flows that train and evaluate small networks
Training and evaluation by libtorch, which go on with the same bits where
they were interrupted, for flows of wfc.")

set(CPACK_DEBIAN_WFR-S3_PACKAGE_NAME wfr-s3)
set(CPACK_DEBIAN_WFR-S3_PACKAGE_DEPENDS "wfc (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_WFR-S3_DESCRIPTION "moves data of flows to object stores and back
In parts, verified, and gone on with after a kill, by libcurl, for flows of
wfc and for wfr move.")

# Read by cpack for each generator.
file(CONFIGURE OUTPUT ${CPACK_PROJECT_CONFIG_FILE} @ONLY CONTENT [[
if(CPACK_GENERATOR STREQUAL DEB)
  set(CPACK_COMPONENTS_ALL @components@)
  set(CPACK_PRE_BUILD_SCRIPTS @CMAKE_SOURCE_DIR@/cmake/debian.cmake)
else()
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
  set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
endif()
]])
include(CPack)
