"""Published lifetimes that several tests share."""

from __future__ import annotations

import numpy as np

# Remission in weeks of 42 children with acute leukaemia: Freireich et al. 1963, Blood 21:699-716; Gehan 1965.
DRUG_RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
DRUG_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
DRUG = np.array(DRUG_RELAPSED + DRUG_CENSORED)
DRUG_EVENT = np.array([1] * len(DRUG_RELAPSED) + [0] * len(DRUG_CENSORED))
CONTROL = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])
REMISSION = np.concatenate((DRUG, CONTROL))
RELAPSED = np.concatenate((DRUG_EVENT, np.ones(CONTROL.size, dtype=int)))
IS_CONTROL = np.repeat([0, 1], [DRUG.size, CONTROL.size])

# Days to death of 26 women in two arms, `ovarian` of R's survival: Edmunson et al. 1979, Cancer Treat. Rep. 63:241-47.
OVARIAN_DIED = [[59, 115, 156, 268, 329, 431, 638], [353, 365, 464, 475, 563]]
OVARIAN_LAST_SEEN = [[448, 477, 803, 855, 1040, 1106], [377, 421, 744, 769, 770, 1129, 1206, 1227]]
OVARIAN = np.array([day for arm in (0, 1) for day in OVARIAN_DIED[arm] + OVARIAN_LAST_SEEN[arm]])
OVARIAN_EVENT = np.repeat([1, 0, 1, 0], [7, 6, 5, 8])
OVARIAN_ARM = np.repeat([1, 2], 13)
