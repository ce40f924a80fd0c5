/** An occasion on which people give or wear something, with the names by which texts call it. */
export interface GiftOccasion {
  readonly name: string;
  /** Lower case, without apostrophes, as `fold` leaves them. */
  readonly aliases: readonly string[];
  /** Names under which the region's own calendar may hold the day; its date wins over `rule`. */
  readonly regional: readonly string[];
  /** Fallback date in the grammar of date-holidays, for regions whose calendar does not hold it. */
  readonly rule: string;
}

const occasion = (name: string, rule: string, aliases: string, regional: string[] = [name]): GiftOccasion => ({
  name,
  rule,
  aliases: aliases.split(',').map((alias) => alias.trim()),
  regional,
});

/**
 * Occasions beyond public holidays, compiled for this project. Commercial dates that have no agreed day (back to school,
 * graduation) are set to the middle of their season in the northern hemisphere.
 */
export const giftOccasions: readonly GiftOccasion[] = [
  occasion("New Year's Eve", '12-31', 'new year, new years, new years eve, new years day, silvester', [
    "New Year's Eve",
    "New Year's Day",
  ]),
  occasion("Valentine's Day", '02-14', 'valentine, valentines, valentines day'),
  occasion("International Women's Day", '03-08', 'womens day'),
  occasion('Pi Day', '03-14', 'pi day'),
  occasion("St. Patrick's Day", '03-17', 'st patrick, st patricks day, saint patricks day, paddys day'),
  occasion('Easter', 'easter', 'easter, ostern', ['Easter Sunday', 'Easter']),
  occasion('Earth Day', '04-22', 'earth day'),
  occasion('May the Fourth', '05-04', 'may the fourth, may the 4th'),
  occasion("Mother's Day", '2nd sunday in May', 'mothers day, mother day, muttertag'),
  occasion('Graduation', '06-05', 'graduation, graduate, graduates'),
  occasion('Pride Month', '06-15', 'pride month, pride parade'),
  occasion("Father's Day", '3rd sunday in June', 'fathers day, father day, vatertag'),
  occasion('Midsummer', '06-21', 'midsummer, summer solstice'),
  occasion('International Cat Day', '08-08', 'cat day'),
  occasion('International Dog Day', '08-26', 'dog day'),
  occasion('Back to School', '08-25', 'back to school, first day of school'),
  occasion('Oktoberfest', '09-25', 'oktoberfest'),
  occasion("World Teachers' Day", '10-05', 'teachers day, teacher appreciation'),
  occasion('Halloween', '10-31', 'halloween, trick or treat'),
  occasion('Thanksgiving', '4th thursday in November', 'thanksgiving, friendsgiving', [
    'Thanksgiving Day',
    'Thanksgiving',
  ]),
  occasion('Hanukkah', '25 Kislev', 'hanukkah, chanukah'),
  occasion('Christmas', '12-25', 'christmas, xmas, advent calendar, weihnachten', ['Christmas Day', 'Christmas']),
];
