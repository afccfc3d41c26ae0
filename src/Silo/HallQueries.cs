using HallOps.Core.Calendars;
using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>The hall's public description.</summary>
public sealed record ReadHall : HallQuery<HallView?>
{
    internal override HallView? Read(HallState state, Instant now) => HallPicture.Hall(state, now);
}

/// <summary>The board, of one zone where given; null for a zone that does not exist.</summary>
public sealed record ReadBoard(ZoneId? Zone = null) : HallQuery<HallBoard?>
{
    internal override HallBoard? Read(HallState state, Instant now) =>
        Zone is { } zone && !state.Settings.Zones.Any(z => z.Zone == zone) ? null : HallPicture.Board(state, now, Zone);
}

/// <summary>One ticket of the running or the last service day; null when the hall's state does not hold it.</summary>
public sealed record ReadTicket(TicketId Ticket) : HallQuery<TicketView?>
{
    internal override TicketView? Read(HallState state, Instant now) => HallPicture.Ticket(state, now, Ticket);
}

/// <summary>The slips that a ticket is, as long as they count, also when the hall's state does not hold the ticket any more; null when it is none.</summary>
public sealed record ReadToldOnce(TicketId Ticket) : HallQuery<IReadOnlyList<ToldOnceView>?>
{
    internal override IReadOnlyList<ToldOnceView>? Read(HallState state, Instant now) => HallPicture.ToldOnce(state, now, Ticket);
}

/// <summary>A live or ended ticket of today by its number, as clerks see it; null when there is none.</summary>
public sealed record ReadNumber(string Number) : HallQuery<TicketReply?>
{
    internal override TicketReply? Read(HallState state, Instant now) => HallPicture.ByNumber(state, Number);
}

/// <summary>A ticket as clerks see it; null when the hall's state does not hold it.</summary>
public sealed record ReadTicketReply(TicketId Ticket) : HallQuery<TicketReply?>
{
    internal override TicketReply? Read(HallState state, Instant now) => HallPicture.ById(state, Ticket);
}

/// <summary>A slip to print again, by number of today or by person; null when there is no such live ticket.</summary>
public sealed record ReadSlip(string? Number, PersonId? Person) : HallQuery<SlipView?>
{
    internal override SlipView? Read(HallState state, Instant now) => HallPicture.Slip(state, now, Number, Person);
}

/// <summary>The floor's picture.</summary>
public sealed record ReadFloor : HallQuery<HallFloor?>
{
    internal override HallFloor? Read(HallState state, Instant now) => HallPicture.Floor(state, now);
}

/// <summary>The floor's picture, and what the pages of clerks and managers need beside it.</summary>
public sealed record ReadDesk : HallQuery<HallDesk?>
{
    internal override HallDesk? Read(HallState state, Instant now) => HallPicture.Desk(state, now);
}

/// <summary>The hall's document as imported, and its settings.</summary>
public sealed record ReadConfig : HallQuery<HallConfig?>
{
    internal override HallConfig? Read(HallState state, Instant now) => new(state.Document);
}

/// <summary>What another document would do to those who are in the hall.</summary>
public sealed record ReadChange(PackedDocument To) : HallQuery<HallChange?>
{
    internal override HallChange? Read(HallState state, Instant now) => HallChange.To(state, To.Settings);
}

public sealed record HallConfig(PackedDocument Document)
{
    public HallSettings Settings => Document.Settings;
}

/// <summary>The hall's document with what its calendar is compiled with.</summary>
public sealed record ReadCalendar : HallQuery<HallCalendar?>
{
    internal override HallCalendar? Read(HallState state, Instant now) =>
        new(state.Document, state.Holidays, DateOnly.FromDateTime(HallPicture.Local(state, now).DateTime));
}

/// <param name="Holidays">Those announced to the hall so far; none before it heard of any.</param>
/// <param name="Today">The date it is in the hall.</param>
public sealed record HallCalendar(PackedDocument Document, HolidayTable Holidays, DateOnly Today)
{
    public HallSettings Settings => Document.Settings;
}

/// <summary>Whose booked time would be without staff under other holidays.</summary>
public sealed record ReadStranded(HolidayTable Holidays) : HallQuery<StrandedHere?>
{
    internal override StrandedHere? Read(HallState state, Instant now) => new(state.Document, HallChange.StrandedBy(state, Holidays));
}

/// <param name="Appointments">Earliest slot first.</param>
public sealed record StrandedHere(PackedDocument Document, IReadOnlyList<Appointment> Appointments)
{
    public HallSettings Settings => Document.Settings;
}

/// <summary>The date it is in the hall: on its clock and in its zone.</summary>
public sealed record ReadDate : HallQuery<DateOnly?>
{
    internal override DateOnly? Read(HallState state, Instant now) => DateOnly.FromDateTime(HallPicture.Local(state, now).DateTime);
}

/// <summary>The services asked for most, yesterday and today, as far as the hall's state remembers.</summary>
/// <param name="Count">How many.</param>
public sealed record ReadFrequent(int Count) : HallQuery<IReadOnlyList<ServiceId>?>
{
    internal override IReadOnlyList<ServiceId>? Read(HallState state, Instant now) => HallPicture.Frequent(state, Count);
}

/// <summary>What a list of halls shows of one.</summary>
public sealed record ReadListing : HallQuery<HallListing?>
{
    internal override HallListing? Read(HallState state, Instant now) => HallPicture.Listing(state);
}

/// <summary>When time alone changes the hall next.</summary>
public sealed record ReadNextAt : HallQuery<Instant?>
{
    internal override Instant? Read(HallState state, Instant now) => Hall.DueAt(state);
}

/// <summary>The slots of a date (null: today) that may still be booked; null for a service the hall does not have.</summary>
public sealed record ReadSlots(ServiceId Service, DateOnly? Day) : HallQuery<IReadOnlyList<SlotView>?>
{
    internal override IReadOnlyList<SlotView>? Read(HallState state, Instant now) => HallPicture.SlotsOf(state, now, Service, Day);
}

/// <summary>The appointment of a code; without one, all from today on, or those of today that nobody has come for yet. Earliest slot first.</summary>
public sealed record ReadAppointments(string? Code = null, bool Awaited = false) : HallQuery<IReadOnlyList<AppointmentView>?>
{
    internal override IReadOnlyList<AppointmentView>? Read(HallState state, Instant now) =>
        Code is not null ? AppointmentPicture.Of(state, Code) is { } one ? [one] : [] : Awaited ? AppointmentPicture.Awaited(state) : AppointmentPicture.Of(state);
}

/// <summary>Who holds a ticket, and for which service: of a joint visit the one that was asked for. Null when the hall's state does not hold it.</summary>
public sealed record ReadHolder(TicketId Ticket) : HallQuery<TicketHolder?>
{
    internal override TicketHolder? Read(HallState state, Instant now) => state.Find(Ticket) is { } ticket ? new TicketHolder(ticket.Matter, ticket.Person, ticket.State, ticket.Ended) : null;
}

/// <param name="Person">Null where nobody was named.</param>
public sealed record TicketHolder(ServiceId Service, PersonId? Person, TicketState State, bool Ended);
