using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using HallOps.Core.Calendars;
using HallOps.Silo;
using HallOps.Web.Storage;

namespace HallOps.Web.Calendars;

/// <summary>
/// The holidays in force: the product's, or those that an admin put in their place, kept in <c>holidays.json</c>. Where servers share files, those are in force that were shared last, whichever server
/// did. Safe from any thread.
/// </summary>
public sealed class HolidayFile(DataFolder folder, HolidayNotices notices, SharedFiles shared) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile IReadOnlyList<HolidayYear>? _replaced;

    /// <summary>Null: the product's.</summary>
    public IReadOnlyList<HolidayYear>? Replaced => _replaced;

    /// <summary>By year.</summary>
    public IReadOnlyList<HolidayYear> Years => _replaced ?? HolidayData.ChinaYears;

    /// <summary>Reads the file where there is one; what halls are told from the start on.</summary>
    /// <exception cref="StartRefusedException">It is there and cannot be read: to run by other days than those an admin put there would be found out at a closed door.</exception>
    public HolidayNotices Load()
    {
        if (!File.Exists(folder.HolidaysPath)) return notices;
        var reading = HolidayData.Parse(File.ReadAllBytes(folder.HolidaysPath));
        if (reading.Years is not { } years) throw new StartRefusedException($"{folder.HolidaysPath} cannot be read ({reading.Problems[0]}); put it back from a backup, or remove it to go by the product's holidays.");
        Set(years);
        return notices;
    }

    /// <summary>The years that would be in force: a single year joins those there are, a file of years takes their place.</summary>
    public IReadOnlyList<HolidayYear> With(IReadOnlyList<HolidayYear> given, bool whole) =>
        [.. (whole ? given : Years.Where(y => given.All(g => g.Year != y.Year)).Concat(given)).OrderBy(y => y.Year)];

    /// <summary>Puts those in force that are shared, where that is another server's doing; whether they were others than here.</summary>
    public async Task<bool> CatchUpAsync(HallOpsDb database, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (await shared.FindAsync(database, folder.HolidaysPath, cancel) is not { } body || (_replaced is { } own && body.AsSpan().SequenceEqual(Bytes(own)))) return false;
            Keep(HolidayData.Parse(body).Years ?? throw new InvalidDataException("The holidays that servers share cannot be read: replace them anew."));
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Shares them with other servers, and tells those when the transaction is committed.</summary>
    public async Task ShareAsync(HallOpsDb database, IReadOnlyList<HolidayYear> years, CancellationToken cancel)
    {
        if (await shared.GiveAsync(database, folder.HolidaysPath, Bytes(years), cancel)) await database.TellAsync(News.Holidays, "", cancel);
    }

    /// <summary>Keeps them, durably, and puts them in force, or those that another server has shared since; halls hear of it when they are next asked or poked.</summary>
    public async Task PutInForceAsync(HallOpsDb database, IReadOnlyList<HolidayYear> years)
    {
        if (shared.AreShared)
        {
            await CatchUpAsync(database, CancellationToken.None);
            return;
        }
        await _one.WaitAsync();
        try
        {
            Keep(years);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private void Keep(IReadOnlyList<HolidayYear> years)
    {
        OwnerOnly.Write(folder.HolidaysPath, Bytes(years));
        Set(years);
    }

    private void Set(IReadOnlyList<HolidayYear> years)
    {
        _replaced = years;
        notices.Current = HolidayData.TableOf(years);
    }

    private static byte[] Bytes(IReadOnlyList<HolidayYear> years)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), Indented = true }))
        {
            json.WriteStartObject();
            json.WritePropertyName("years");
            JsonSerializer.Serialize(json, years, Silo.Feeds.FeedJson.Options);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }
}
