using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Silo.Journal;

/// <summary>What the calendar says of a moment, and announced holidays, in bytes: as events and snapshots have them.</summary>
internal static class ScheduleBytes
{
    public static void Write(ByteWriter to, HallSchedule schedule)
    {
        to.Byte(schedule.Session is { } session ? (byte)(session + 1) : (byte)0);
        to.Optional(schedule.Until?.Milliseconds);
        to.Bool(schedule.Issuing);
        to.Bool(schedule.AppointmentOnly);
        to.Bool(schedule.UntilServed);
        to.Optional(schedule.OpensAt?.Milliseconds);
        to.Optional(schedule.IssuesAt?.Milliseconds);
        to.Bool(schedule.Services is not null);
        if (schedule.Services is { } services) to.List(services, static (w, s) => w.String(s.Value));
        to.List(schedule.Windows, static (w, window) =>
        {
            w.String(window.Window.Value);
            w.Optional(window.Staff?.Value);
            w.Byte(window.Role is { } role ? (byte)(role + 1) : (byte)0);
            w.Optional(window.StandIn?.Value);
            w.List(window.AlsoFor, static (w, other) => w.String(other.Value));
            w.Optional(window.Again?.Milliseconds);
        });
        to.List(schedule.Resting, static (w, window) =>
        {
            w.String(window.Window.Value);
            w.Byte(window.Reason is { } reason ? (byte)(reason + 1) : (byte)0);
            w.Optional(window.GoTo?.Value);
            w.Optional(window.ReopensAt?.Milliseconds);
        });
    }

    public static HallSchedule Schedule(this ref ByteReader from)
    {
        var session = from.OptionalEnum<SessionKind>();
        var until = from.OptionalInstant();
        var (issuing, appointmentOnly, untilServed) = (from.Bool(), from.Bool(), from.Bool());
        var (opensAt, issuesAt) = (from.OptionalInstant(), from.OptionalInstant());
        var services = from.Bool() ? from.Services() : null;
        var windows = new ScheduledWindow[from.Count()];
        for (var i = 0; i < windows.Length; i++)
            windows[i] = new ScheduledWindow(new(from.Id()), from.Staff(), from.OptionalEnum<PostRole>(), from.Staff(), Array.ConvertAll(from.Strings(), static w => new WindowId(w)), from.OptionalInstant());
        var resting = new RestingWindow[from.Count()];
        for (var i = 0; i < resting.Length; i++) resting[i] = new RestingWindow(new(from.Id()), from.OptionalEnum<ClosedReason>(), from.Window(), from.OptionalInstant());
        return new HallSchedule(session, until, issuing, appointmentOnly, untilServed, opensAt, issuesAt, services, windows, resting);
    }

    /// <summary>Names once, then the dates, each by its distance from the one before.</summary>
    public static void Write(ByteWriter to, HolidayTable holidays)
    {
        var names = holidays.Days.Select(d => d.Name).Distinct().ToList();
        to.List(names, static (w, name) => w.String(name));
        to.Var((ulong)holidays.Days.Count);
        var before = 0;
        foreach (var day in holidays.Days)
        {
            to.Var((ulong)(day.Date.DayNumber - before));
            before = day.Date.DayNumber;
            to.Var((ulong)names.IndexOf(day.Name) * 2 + (day.IsOffDay ? 1u : 0u));
        }
    }

    public static HolidayTable Holidays(this ref ByteReader from)
    {
        var names = from.Strings();
        var days = new HolidayDate[from.Count()];
        var date = 0;
        for (var i = 0; i < days.Length; i++)
        {
            date = checked(date + from.Small());
            var what = from.Small();
            if (what / 2 >= names.Length || (i > 0 && date == days[i - 1].Date.DayNumber)) throw new FormatException("A table of holidays does not fit.");
            days[i] = new HolidayDate(DateOnly.FromDayNumber(date), (what & 1) == 1, names[what / 2]);
        }
        return days.Length == 0 ? HolidayTable.None : new HolidayTable(days);
    }

    private static T? OptionalEnum<T>(this ref ByteReader from) where T : struct, Enum
    {
        var value = from.Byte();
        if (value == 0) return null;
        return value <= Enum.GetValues<T>().Length ? System.Runtime.CompilerServices.Unsafe.BitCast<byte, T>((byte)(value - 1)) : throw new FormatException($"{typeof(T).Name} has no member {value - 1}: use a newer program.");
    }
}
