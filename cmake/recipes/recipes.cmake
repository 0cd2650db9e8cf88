# Recipes for Spack and conda of a tarball that cpack made: cmake -D TARBALL=… -D VERSION=… -D OUT=… -D URL=… -P recipes.cmake
#
# URL is where the tarball will lie; without it the recipes take it from where it lies now.
get_filename_component(TARBALL ${TARBALL} ABSOLUTE)
if(NOT URL)
  set(URL file://${TARBALL})
endif()
if(NOT HOMEPAGE)
  set(HOMEPAGE ${URL})
endif()
file(SHA256 ${TARBALL} SHA256)
string(REGEX REPLACE ".*-linux-([^.]+)\\.tar\\.gz$" "\\1" ARCH ${TARBALL})
set(SPACK_TARGET ${ARCH})
configure_file(${CMAKE_CURRENT_LIST_DIR}/package.py.in ${OUT}/spack/packages/wfc/package.py @ONLY)
file(WRITE ${OUT}/spack/repo.yaml "repo:\n  namespace: wfc\n")
configure_file(${CMAKE_CURRENT_LIST_DIR}/recipe.yaml.in ${OUT}/conda/recipe.yaml @ONLY)
