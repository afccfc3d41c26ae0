using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>What a document would do to those who are in the hall.</summary>
/// <param name="InUse">What it would take away although somebody needs it: then it is not taken. Paths in the document, each with who needs it.</param>
/// <param name="Moves">Whose service is of another line from then on: they keep number and time, and wait there.</param>
/// <param name="Stranded">Appointments that are booked for a time at which nobody would be there for them, earliest first: whom to tell.</param>
public sealed record HallChange(IReadOnlyList<(string Path, IReadOnlyList<string> By)> InUse, IReadOnlyList<(LineId From, LineId To, IReadOnlyList<string> Numbers)> Moves, IReadOnlyList<Appointment> Stranded)
{
    /// <summary>What other holidays would do: they strand appointments, and no more.</summary>
    public static IReadOnlyList<Appointment> StrandedBy(HallState state, HolidayTable holidays)
    {
        if (!state.Settings.Calendar.FollowsChina) return [];
        var changed = state.Copy();
        changed.Holidays = holidays;
        return StrandedIn(state, changed);
    }

    public static HallChange To(HallState state, HallSettings to)
    {
        var used = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var moves = new SortedDictionary<(string From, string To), List<string>>();
        foreach (var ticket in state.Tickets)
        {
            if (ticket.Ended) continue;
            foreach (var leg in ticket.Beside.Prepend(ticket.Leg))
                if (!to.ServiceById.TryGetValue(leg.Service, out var service)) Uses($"services/{leg.Service}", $"ticket {ticket.Number}");
                else if (service.Line != leg.Line) Of(moves, (leg.Line.Value, service.Line.Value)).Add(ticket.Number);
            if (ticket.Joint is { } joint)
                foreach (var needed in joint.Items.Select(item => item.Service).Prepend(joint.Service).Except(ticket.Beside.Prepend(ticket.Leg).Select(leg => leg.Service)))
                    if (!to.ServiceById.ContainsKey(needed)) Uses($"services/{needed}", $"ticket {ticket.Number}");
            if (!to.ClassById.ContainsKey(ticket.Class)) Uses($"classes/{ticket.Class}", $"ticket {ticket.Number}");
        }
        foreach (var appointment in state.Appointments.All)
            if (appointment.State == AppointmentState.Booked && !to.ServiceById.ContainsKey(appointment.Service))
                Uses($"services/{appointment.Service}", $"appointment at {HallPicture.Local(state, appointment.Slot):yyyy-MM-dd'T'HH:mmzzz}");
        foreach (var stop in state.Returns)
            if (!to.ServiceById.ContainsKey(stop.Service)) Uses($"services/{stop.Service}", $"ticket {stop.Ticket.Number}");
        foreach (var window in state.Windows.Values)
        {
            if (window.Occupant is not { } there) continue;
            var id = window.Settings.Window;
            if (!to.WindowById.ContainsKey(id)) Uses($"windows/{id}", there.Staff is { } s ? $"staff {s}" : $"account {there.Account}");
            if (there.Staff is { } staff && !to.StaffById.ContainsKey(staff)) Uses($"staff/{staff}", $"window {id}");
        }
        IReadOnlyList<Appointment> stranded = [];
        // Those of a service that would be gone are in use: the document is not taken at all.
        if (used.Count == 0 && state.Appointments.Count > 0)
        {
            var changed = state.Copy();
            Hall.Evolve(changed, new HallConfigured(state.Number, PackedDocument.Of(to), state.Day, state.DayEndsAt), state.At, state.Sequence + 1);
            stranded = StrandedIn(state, changed);
        }
        return new([.. used.Select(u => (u.Key, (IReadOnlyList<string>)u.Value))], [.. moves.Select(m => (new LineId(m.Key.From), new LineId(m.Key.To), (IReadOnlyList<string>)m.Value))], stranded);

        void Uses(string path, string by) => Of(used, path).Add(by);
    }

    private static IReadOnlyList<Appointment> StrandedIn(HallState state, HallState changed) =>
        [.. state.Appointments.All.Where(a => a.State == AppointmentState.Booked && a.Slot > state.At && Slots.IsHonoured(state, a) && !Slots.IsHonoured(changed, a))];

    private static List<string> Of<TKey>(SortedDictionary<TKey, List<string>> lists, TKey key) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists.Add(key, list = []);
        return list;
    }
}
