using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Web.Storage;
using HallOps.Web.Tickets;

namespace HallOps.Web.Operations;

/// <summary>What whoever runs the server owes a person who asks: all that is kept of them, or that it be forgotten (PIPL articles 45 and 47).</summary>
internal sealed class PersonalData(IPeople people, EngineHost engine, ITexts texts, TimeProvider time)
{
    // In the audit: whoever runs commands on the machine has no account.
    private const string Who = "local";

    /// <param name="kind"><c>id</c> or <c>phone</c>.</param>
    /// <returns>Null where nobody is known by it.</returns>
    /// <exception cref="PersonalDataException">The value is no such number.</exception>
    public async Task<PersonExport?> ExportAsync(string kind, string value, CancellationToken cancel)
    {
        var number = Read(kind, value);
        if (await people.FindAsync(kind, number, cancel) is not { } known) return null;
        var halls = (await engine.Journal.HallsAsync(cancel)).ToDictionary(hall => hall.Number, hall => hall.Hall.Value);
        var visits = new Dictionary<TicketId, PersonVisit>();
        var appointments = new List<PersonAppointment>();
        string? missing = null;
        try
        {
            // Journals before archives are gone through whole: seldom asked for, and no table has who came.
            await foreach (var page in engine.Journal.ReadFromAsync(halls.ToDictionary(hall => hall.Key, _ => 0L), cancel))
            {
                foreach (var record in page)
                {
                    switch (EventCodec.Read(record.Type, record.Version, record.Payload.Span))
                    {
                        case TicketIssued e when e.Person == known.Person:
                            visits.Add(new(record.Hall, e.Ticket), new(halls[record.Hall], new TicketId(record.Hall, e.Ticket).ToString(), e.Number, e.Service.Value, e.Class.Value, new Instant(record.At).ToDateTimeOffset(), []));
                            break;
                        case ServiceRated e when visits.TryGetValue(new(record.Hall, e.Ticket), out var visit):
                            visit.Ratings.Add(new(e.Grade, e.Tags, e.Comment is { } comment ? texts.Find(comment) : null, new Instant(record.At).ToDateTimeOffset()));
                            break;
                        case AppointmentBooked e when e.Person == known.Person:
                            appointments.Add(new(halls[record.Hall], e.Code, e.Service.Value, e.Slot.ToDateTimeOffset(), new Instant(record.At).ToDateTimeOffset()));
                            break;
                    }
                }
            }
        }
        catch (Exception e) when (e is HallDamagedException or JournalArchiveException)
        {
            missing = e.Message;
        }
        await people.ExportedAsync(known.Person, Who, cancel);
        return new PersonExport(kind, await people.RevealAsync(known.Person, cancel), known.KeptUntil, [.. visits.Values], appointments, missing);
    }

    /// <returns>False where nobody is known by it.</returns>
    /// <exception cref="PersonalDataException">The value is no such number.</exception>
    public async Task<bool> EraseAsync(string kind, string value, CancellationToken cancel) =>
        await people.FindAsync(kind, Read(kind, value), cancel) is { } known && await people.EraseAsync(known.Person, Who, cancel);

    private string Read(string kind, string value) => kind switch
    {
        "id" => PersonalNumbers.TryIdNumber(value, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1), out var id, out _) ? id : throw new PersonalDataException("That is no ID number: 18 characters, the last one their check digit."),
        "phone" => PersonalNumbers.TryPhone(value, out var phone) ? phone : throw new PersonalDataException("That is no telephone number: 5 to 15 digits."),
        _ => throw new PersonalDataException($"A person is known by id or phone, not by {kind}."),
    };
}

/// <summary>Not a value that anybody could be known by; the message says so in a sentence.</summary>
public sealed class PersonalDataException : Exception
{
    public PersonalDataException() { }
    public PersonalDataException(string message) : base(message) { }
    public PersonalDataException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>All that is kept of one person.</summary>
/// <param name="Kind"><c>id</c> or <c>phone</c>: what is known of one by the other is another's here.</param>
/// <param name="Missing">Why visits may be missing; null where none are.</param>
public sealed record PersonExport(string Kind, string? Value, DateTimeOffset KeptUntil, IReadOnlyList<PersonVisit> Visits, IReadOnlyList<PersonAppointment> Appointments, string? Missing);

public sealed record PersonVisit(string Hall, string Ticket, string Number, string Service, string Class, DateTimeOffset IssuedAt, List<PersonRating> Ratings);

/// <param name="Comment">Null where none was written, or it is kept no more.</param>
public sealed record PersonRating(Grade Grade, IReadOnlyList<string> Tags, string? Comment, DateTimeOffset At);

/// <param name="Slot">As it was booked; moved since or not.</param>
public sealed record PersonAppointment(string Hall, string Code, string Service, DateTimeOffset Slot, DateTimeOffset BookedAt);
