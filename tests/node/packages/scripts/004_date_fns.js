import { addMonths, differenceInDays, eachDayOfInterval, format, formatISO, isWeekend, parseISO, startOfWeek } from 'date-fns';
import { de } from 'date-fns/locale';
import { UTCDate } from '../lib/utc.js';

export default async function up(db) {
  const day = new Date(2024, 1, 29, 12, 30, 5);
  await db.collection('results').insertOne({
    _id: 'date-fns',
    later: formatISO(addMonths(day, 12), { representation: 'date' }),
    days: differenceInDays(new Date(2024, 2, 5), day),
    text: format(day, "EEEE, do MMMM yyyy 'at' HH:mm:ss"),
    german: format(day, 'PPPP', { locale: de }),
    week: format(startOfWeek(day, { weekStartsOn: 1 }), 'yyyy-MM-dd'),
    range: eachDayOfInterval({ start: new Date(2024, 0, 1), end: new Date(2024, 0, 3) }).map(isWeekend),
    parsed: parseISO('2024-05-06T07:08:09Z'),
    utc: UTCDate(2024, 0, 1),
  });
}
