using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;
using HallOps.Web.Tickets;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Appointments;

/// <summary>The guide desk looks an appointment up: by its code, by the end of the telephone number that was given, or by an ID number.</summary>
public static class AppointmentSearch
{
    /// <summary>More than anybody reads with a visitor waiting.</summary>
    private const int MostFound = 20;

    /// <summary>Of a telephone number: fewer fit one appointment in a hundred.</summary>
    private const int LeastDigits = 4;

    // A POST: a telephone's digits stand in no address, so in no log and no history.
    public static void MapAppointmentSearch(this IEndpointRouteBuilder api) =>
        api.MapPost("/halls/{hall}/appointments/find", FindAsync).Commands<FindBody, FoundAppointments>(Act.FindAppointments);

    private static async Task<Results<Answer<FoundAppointments>, Problem>> FindAsync(string hall, HttpContext http, HallDoor door, IHalls halls)
    {
        var entry = await HallDoor.EnterAsync(http, Act.FindAppointments, new HallId(hall), Wire.Json.FindBody);
        if (!entry.IsIn) return entry.Problem;
        var (body, cancel) = (entry.Body, http.RequestAborted);
        if (new[] { body.Code, body.Phone, body.IdNumber }.Count(given => given is not null) > 1) return Problem.BadField("code", "must be given alone: one of code, phone and idNumber, or none of them");
        if (body.Code is not null)
            return AppointmentCode.TryRead(body.Code, out var code) ? Found(await halls.ReadAsync(entry.Hall, new ReadAppointments(code), cancel)) : Found([]);
        if (body.Phone is not null)
        {
            var digits = string.Concat(body.Phone.Where(char.IsAsciiDigit));
            if (digits.Length is < LeastDigits or > PersonalNumbers.LongestPhone) return Problem.BadField("phone", $"must be the last {LeastDigits} digits of a telephone number, or more of them");
            return Found(await EndingAsync(await halls.ReadAsync(entry.Hall, new ReadAppointments(), cancel), digits, door, cancel));
        }
        if (body.IdNumber is not null)
        {
            if (await halls.ReadAsync(entry.Hall, new ReadDate(), cancel) is not { } today) return Problem.Of("UnknownHall");
            if (!PersonalNumbers.TryIdNumber(body.IdNumber, today, out var idNumber, out _)) return Problem.BadField("idNumber", "must be an 18-digit ID number with a valid date of birth and check digit");
            var person = await door.PersonAsync(idNumber, null, cancel);
            return Found((await halls.ReadAsync(entry.Hall, new ReadAppointments(), cancel))?.Where(a => a.Person == person).ToList());
        }
        return Found(await halls.ReadAsync(entry.Hall, new ReadAppointments(Awaited: true), cancel));

        static Results<Answer<FoundAppointments>, Problem> Found(IReadOnlyList<AppointmentView>? found) => found is null
            ? Problem.Of("UnknownHall")
            : new Answer<FoundAppointments>(StatusCodes.Status200OK, new FoundAppointments([.. found.Take(MostFound).Select(FoundAppointment.Of)], found.Count > MostFound), Wire.Json.FoundAppointments);
    }

    /// <summary>Stops at one more than is shown.</summary>
    private static async Task<List<AppointmentView>?> EndingAsync(IReadOnlyList<AppointmentView>? all, string digits, HallDoor door, CancellationToken cancel)
    {
        if (all is null) return null;
        var (found, known) = (new List<AppointmentView>(), new Dictionary<PersonId, bool>());
        foreach (var one in all)
        {
            if (one.Person is not { } person) continue;
            if (!known.TryGetValue(person, out var fits))
                known[person] = fits = await door.HasPhoneAsync(person, digits, cancel);
            if (fits) found.Add(one);
            if (found.Count > MostFound) break;
        }
        return found;
    }
}
