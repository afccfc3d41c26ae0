using System.Diagnostics.CodeAnalysis;

namespace HallOps.Core.Halls;

/// <summary>Where an appointment is. In snapshots their numbers stand, so members are only ever added at the end. A cancelled one is in no hall's state any more.</summary>
public enum AppointmentState : byte { Booked, CheckedIn, Released, Cancelled }

/// <summary>A slot promised to a visitor. Its times are those of the settings it was booked under, whatever the document says later.</summary>
/// <param name="Code">The visitor's key to it, unique among those the hall holds.</param>
/// <param name="Ends">The end of the slot.</param>
/// <param name="From">From when the visitor may check in.</param>
/// <param name="Until">Released unless checked in before.</param>
/// <param name="Sequence">Of the booking.</param>
/// <param name="Ticket">The ordinal of the ticket it became; one of a released appointment is an ordinary ticket.</param>
public sealed record Appointment(string Code, ServiceId Service, Instant Slot, Instant Ends, Instant From, Instant Until, PersonId? Person, long Sequence,
    AppointmentState State = AppointmentState.Booked, long? Ticket = null)
{
    /// <summary>Takes room in its slot.</summary>
    public bool Counts => State is AppointmentState.Booked or AppointmentState.CheckedIn;
}

/// <summary>
/// The appointments of a hall from today on, found by code, by ticket, by slot and by when they are released. One owner at a time; not thread-safe.
/// </summary>
internal sealed class AppointmentBook
{
    private readonly Dictionary<string, Appointment> _byCode = [];
    private readonly Dictionary<long, string> _byTicket = [];

    /// <summary>By slot, then in the order of their booking.</summary>
    private readonly List<Appointment> _bySlot = [];

    /// <summary>Booked and not checked in.</summary>
    private readonly SortedSet<(Instant Until, long Sequence, string Code)> _awaited = [];

    public int Count => _bySlot.Count;

    /// <summary>By slot, then in the order of their booking.</summary>
    public IReadOnlyCollection<Appointment> All => _bySlot;

    /// <summary>The one whose time to check in is over first; null when nobody is awaited.</summary>
    public Appointment? FirstToRelease => _awaited.Count == 0 ? null : _byCode[_awaited.Min.Code];

    public Appointment? Find(string code) => _byCode.GetValueOrDefault(code);

    public bool TryOfTicket(long ordinal, [NotNullWhen(true)] out Appointment? appointment)
    {
        appointment = _byTicket.Count > 0 && _byTicket.TryGetValue(ordinal, out var code) ? _byCode[code] : null;
        return appointment is not null;
    }

    /// <summary>Those whose slot begins from one instant on and before another, earliest first.</summary>
    public IEnumerable<Appointment> Between(Instant from, Instant to)
    {
        for (var i = PlaceOf(from, long.MinValue); i < _bySlot.Count && _bySlot[i].Slot < to; i++) yield return _bySlot[i];
    }

    /// <summary>Adds an appointment, or takes it in the place of the one of its code.</summary>
    public void Put(Appointment appointment)
    {
        Remove(appointment.Code);
        _byCode.Add(appointment.Code, appointment);
        _bySlot.Insert(PlaceOf(appointment.Slot, appointment.Sequence), appointment);
        if (appointment.Ticket is { } ticket) _byTicket.Add(ticket, appointment.Code);
        if (appointment.State == AppointmentState.Booked) _awaited.Add((appointment.Until, appointment.Sequence, appointment.Code));
    }

    public void Remove(string code)
    {
        if (!_byCode.Remove(code, out var appointment)) return;
        _bySlot.RemoveAt(PlaceOf(appointment.Slot, appointment.Sequence));
        if (appointment.Ticket is { } ticket) _byTicket.Remove(ticket);
        _awaited.Remove((appointment.Until, appointment.Sequence, appointment.Code));
    }

    /// <summary>Forgets the appointments of slots that began before an instant.</summary>
    public void RemoveBefore(Instant end)
    {
        while (_bySlot.Count > 0 && _bySlot[0].Slot < end) Remove(_bySlot[0].Code);
    }

    public void CopyFrom(AppointmentBook other)
    {
        foreach (var appointment in other._bySlot) Put(appointment);
    }

    private int PlaceOf(Instant slot, long sequence)
    {
        var (low, high) = (0, _bySlot.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var there = _bySlot[middle];
            if (there.Slot < slot || (there.Slot == slot && there.Sequence < sequence)) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
