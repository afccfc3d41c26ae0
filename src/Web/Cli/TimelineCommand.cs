using System.Globalization;
using HallOps.Core.Calendars;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>timeline FILE --date D</c>: a service calendar compiled, that of a file of its own or of a hall's document (docs/calendars.md).</summary>
internal static class TimelineCommand
{
    public static readonly string[] Options = ["date", "to", "check"];

    // Ten years: what is longer is a mistyped year.
    private const int MostDays = 3660;

    /// <summary>1 with <paramref name="check"/> where an offered service is uncovered.</summary>
    public static int Run(string file, string? date, string? to, bool check)
    {
        if (date is null) throw new WrongUsageException("--date is missing");
        var first = DateOf("date", date);
        var last = to is null ? first : DateOf("to", to);
        if (last < first) throw new StartRefusedException($"--to must not be before --date {date}, was {to}.");
        if (last.DayNumber - first.DayNumber >= MostDays) throw new StartRefusedException(FormattableString.Invariant($"--to must be within {MostDays} days of --date, was {to}."));

        var reading = CalendarFile.Read(InputFile.Read(file), HolidayData.China);
        if (reading.Calendar is not { } calendar) throw new StartRefusedException($"{file}: {reading.Problems[0]}{(reading.Problems.Count > 1 ? FormattableString.Invariant($" (and {reading.Problems.Count - 1} more)") : "")}");

        var uncovered = false;
        JsonOutput.Print(readable: true, (json, wrote) =>
        {
            json.WriteStartArray();
            foreach (var day in calendar.Between(first, last, HolidayData.China))
            {
                uncovered |= day.Gaps.Count > 0;
                if (check) TimelineJson.WriteCheck(json, day, calendar.Zone);
                else TimelineJson.Write(json, day, calendar.Zone);
                wrote();
            }
            json.WriteEndArray();
        });
        return check && uncovered ? 1 : 0;
    }

    private static DateOnly DateOf(string option, string value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year is >= 1970 and < 2200
            ? date
            : throw new StartRefusedException($"--{option} must be a date like 2026-11-21, from 1970 to 2199, was \"{value}\".");
}
