using System.Collections.Concurrent;
using System.Text.Json;
using HallOps.Core.Calendars;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Audit;
using HallOps.Web.Halls;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Calendars;

/// <summary>The holidays that all halls of the country go by: read by everybody signed in, replaced by an admin of every hall, who is told whom that leaves without staff.</summary>
public static class HolidayEndpoints
{
    /// <summary>1 MiB: the product's own, ten years, are 21 KiB.</summary>
    private const int MaxBytes = 1 << 20;

    // One after the other, so that halls are not all asked twice at once.
    private static readonly SemaphoreSlim Replacing = new(1, 1);

    public static void MapHolidays(this IEndpointRouteBuilder api)
    {
        api.MapGet("/holidays", Read).Produces<HolidaysView>();
        api.MapPut("/holidays", PutAsync).WithMetadata(new Outcomes.BodyShape(typeof(object))).Produces<HolidaysChecked>().WithMetadata(new ConfigEndpoints.DocumentSize());
    }

    private static Results<Ok<HolidaysView>, Problem> Read(HttpContext http, HolidayFile holidays)
    {
        if (Caller.Of(http.User).IsAnonymous) return Problem.Of("SignInNeeded");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new HolidaysView(holidays.Replaced is null ? "product" : "replaced", holidays.Years));
    }

    /// <param name="check">Says what they would do, and changes nothing.</param>
    private static async Task<Results<Ok<HolidaysChecked>, Problem>> PutAsync(
        HttpContext http, HolidayFile holidays, HolidayNotices notices, IHalls halls, HallDoor door, HallOpsDb database, AuditLog audit, HolidayNews news, bool check = false)
    {
        var caller = Caller.Of(http.User);
        if (caller.IsAnonymous) return Problem.Of("SignInNeeded");
        if (!caller.HasEverywhere(Role.Admin)) return Problem.Of("NotAllowed");
        var (read, wrong) = await RequestBody.ReadAsync(http, MaxBytes);
        if (wrong is not null) return wrong;
        using var body = read!;
        if (body.IsEmpty) return Problem.Of("BodyMissing");
        var reading = HolidayData.Parse(body.Bytes);
        if (reading.Years is not { } given) return HallDocuments.Wrong(reading.Problems);
        http.Response.Headers.CacheControl = "no-store";

        await Replacing.WaitAsync(http.RequestAborted);
        try
        {
            while (true)
            {
                var were = holidays.Replaced;
                var years = holidays.With(given, whole: IsFileOfYears(body.Bytes));
                var table = HolidayData.TableOf(years);
                var changes = Changes(notices.Current, table);
                var (affected, notAsked) = await AffectedAsync(halls, door, table, http.RequestAborted);
                if (check) return TypedResults.Ok(new HolidaysChecked(false, changes, affected, notAsked));
                await using (var transaction = await database.BeginWriteAsync(http.RequestAborted))
                {
                    // Another server's came in between, whoever heard of it first: asked again from there, so that neither's years are lost.
                    await holidays.CatchUpAsync(database, http.RequestAborted);
                    if (!ReferenceEquals(holidays.Replaced, were)) continue;
                    // First, so that no holidays are in force of which nobody can say who put them there.
                    await audit.AddAsync(database, new AuditEntry(caller.Id, AuditWords.HolidaysReplaced, null, Detail: FormattableString.Invariant(
                        $"years {string.Join(", ", given.Select(y => y.Year))}; {changes.Count} dates changed; {affected.Sum(h => h.Appointments.Count)} appointments in {affected.Count} halls affected")), http.RequestAborted);
                    await holidays.ShareAsync(database, years, http.RequestAborted);
                    await transaction.CommitAsync(http.RequestAborted);
                }
                await holidays.PutInForceAsync(database, years);
                _ = news.PokeAllAsync();
                return TypedResults.Ok(new HolidaysChecked(true, changes, affected, notAsked));
            }
        }
        finally
        {
            Replacing.Release();
        }
    }

    private static bool IsFileOfYears(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        using var json = JsonDocument.ParseValue(ref reader);
        return json.RootElement.TryGetProperty("years", out _);
    }

    private static List<HolidayChange> Changes(HolidayTable was, HolidayTable @is) =>
        [.. was.Days.Concat(@is.Days).Select(d => d.Date).Distinct().Order().Select(date => (Date: date, Was: was.Find(date), Is: @is.Find(date))).Where(d => d.Was?.IsOffDay != d.Is?.IsOffDay)
            .Select(d => new HolidayChange(d.Date, (d.Is ?? d.Was)!.Value.Name, d.Was?.IsOffDay, d.Is?.IsOffDay))];

    private static async Task<(IReadOnlyList<AffectedHall> Affected, IReadOnlyList<string> NotAsked)> AffectedAsync(IHalls halls, HallDoor door, HolidayTable table, CancellationToken cancel)
    {
        var (affected, notAsked) = (new ConcurrentBag<(uint Number, AffectedHall Hall)>(), new ConcurrentBag<string>());
        await Parallel.ForEachAsync(halls.Halls, new ParallelOptions { MaxDegreeOfParallelism = HolidayNews.AtOnce, CancellationToken = cancel }, async (hall, stop) =>
        {
            try
            {
                if (await halls.ReadAsync(hall.Hall, new ReadStranded(table), stop) is { Appointments.Count: > 0 } here)
                    affected.Add((hall.Number, new AffectedHall(hall.Hall.Value, here.Settings.Name, await AffectedAppointment.OfAsync(here.Appointments, here.Settings, door, stop))));
            }
            catch (HallUnavailableException)
            {
                // One hall that stands still does not keep the others from their holidays; it is named instead.
                notAsked.Add(hall.Hall.Value);
            }
        });
        return ([.. affected.OrderBy(h => h.Number).Select(h => h.Hall)], [.. notAsked.Order(StringComparer.Ordinal)]);
    }
}
