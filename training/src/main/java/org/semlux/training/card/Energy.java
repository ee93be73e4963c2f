package org.semlux.training.card;

/**
 * What is assumed to estimate a run's energy from its CPU time: nothing is measured.
 *
 * {@snippet lang=java :
 * Energy.DEFAULT.kilowattHours(3_600); // .01: one core for an hour
 * Energy.DEFAULT.grams(3_600); // 4.8
 * }
 *
 * @param wattsPerCore of a busy core, with its share of memory, supply and cooling
 * @param gramsPerKilowattHour of CO2 equivalents that the grid emits
 */
public record Energy(double wattsPerCore, double gramsPerKilowattHour) {
  /**
   * 10 W: a server processor of 200 to 350 W has 32 to 64 cores, and as much again goes into
   * memory, supply and cooling. 480 g/kWh: the mean of the world's electricity in 2023 (Ember,
   * Global Electricity Review 2024).
   */
  public static final Energy DEFAULT = new Energy(10, 480);

  public Energy {
    if (!(wattsPerCore > 0) || !(gramsPerKilowattHour >= 0)) {
      throw new IllegalArgumentException(
          "%s watts a core and %s g/kWh: both must be numbers from 0, the first above"
              .formatted(wattsPerCore, gramsPerKilowattHour));
    }
  }

  /** The energy of so much CPU time, in kWh. */
  public double kilowattHours(double cpuSeconds) {
    return wattsPerCore * cpuSeconds / 3.6e6;
  }

  /** What that energy emits, in g of CO2 equivalents. */
  public double grams(double cpuSeconds) {
    return kilowattHours(cpuSeconds) * gramsPerKilowattHour;
  }
}
