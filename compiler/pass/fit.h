// Whether a family's needs fit a partition, and what exactly does not.
#pragma once

#include <string>
#include <vector>

#include "compiler/pass/needs.h"
#include "compiler/site/site.h"

namespace wfc::pass {

/// One need that a partition (or the site) does not have.
struct Misfit {
  const Amount* amount = nullptr;
  std::string asked;                                       ///< `54h`, `192 cores on a node`
  std::string allowed;                                     ///< `48h`
  source::Range siteAt;                                    ///< the line of the site file
  enum What : uint8_t { Size, Gpu, Feature } what = Size;  ///< the last two: of none it has
  std::string model;
  const ir::Need* need = nullptr;  ///< of a feature, which is no amount
};

/// Everything that does not fit; empty if all does. Needs known only at run time are left to the
/// run.
std::vector<Misfit> misfits(const Needs& needs, const site::Site& site,
                            const site::Partition& partition);
/// What does not fit the site as a whole: node-local disk, licences.
std::vector<Misfit> siteMisfits(const Needs& needs, const site::Site& site,
                                const site::Partition* partition);

/// The partition a family without a wish goes to: the site's default if it fits, else the smallest
/// that does, those with GPUs last unless GPUs are asked. nullptr if none fits.
const site::Partition* choose(const Needs& needs, const site::Site& site);
/// The partition to measure against in a report when none fits: the one with the fewest misfits.
const site::Partition* nearest(const Needs& needs, const site::Site& site);

bool asksGpu(const Needs& needs);

}  // namespace wfc::pass
