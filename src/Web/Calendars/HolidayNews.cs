using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Calendars;

/// <summary>Has halls hear of other holidays at once, put in force here or by another process of the deployment.</summary>
/// <param name="halls">Asked for when there are news: this is made before the engine is open.</param>
internal sealed partial class HolidayNews(HolidayFile holidays, Func<IHalls> halls, IDbContextFactory<HallOpsDb> databases, IHostApplicationLifetime lifetime, ILogger<HolidayNews> log) : IHearsNews
{
    // Halls asleep are loaded to be asked; more at once would only wait for the same store.
    public const int AtOnce = 8;

    public string Of => News.Holidays;

    public Task HearAsync(string which, CancellationToken cancel) => ReadAnewAsync(cancel);

    public async Task ReadAnewAsync(CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        // Whoever replaced them poked too, but perhaps before halls of this process could know.
        if (await holidays.CatchUpAsync(database, cancel)) _ = PokeAllAsync();
    }

    /// <summary>One that cannot hears of them when it is next asked or poked; never throws.</summary>
    public async Task PokeAllAsync()
    {
        try
        {
            var all = halls();
            await Parallel.ForEachAsync(all.Halls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = lifetime.ApplicationStopping },
                async (hall, stop) => await all.SendAsync(hall.Hall, new HallRequest(new Poke(), "holidays"), stop));
            Poked(log, all.Halls.Count);
        }
        catch (OperationCanceledException)
        {
            // The server stops: whoever starts it next reads the file.
        }
        catch (Exception broken)
        {
            NotPoked(log, broken);
        }
    }

    [LoggerMessage(EventId = 2400, Level = LogLevel.Information, Message = "{Halls} halls heard of other holidays")]
    private static partial void Poked(ILogger log, int halls);

    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "Halls could not be told of other holidays at once; each hears of them when it is next asked or poked")]
    private static partial void NotPoked(ILogger log, Exception broken);
}
