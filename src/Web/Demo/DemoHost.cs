using System.Globalization;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Displays.Serving;
using HallOps.Silo;
using HallOps.Web.Halls;
using HallOps.Web.Operations;

namespace HallOps.Web.Demo;

/// <summary>
/// The demonstration: the sample halls, imported before the server listens, and days played in them afterwards, one workday after the other, as drawn from their demand. A day's plan
/// depends on the seed only; who is called when depends on what people do in between.
/// </summary>
internal sealed partial class DemoHost(DemoSettings settings, EngineHost engine, Func<HallDoor> door, Func<HallImport> import, DemoAccounts accounts, ILogger<DemoHost> log) : BackgroundService
{
    private static readonly string[] Halls = ["rudong-town", "jiangyong-county", "huangpu-street", "rudong-community", "rudong-village"];

    // The samples are all of one offset, which has no summer time.
    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    // Those who came this long before the demonstration's start are waiting when it begins; who came earlier was served.
    private static readonly TimeSpan AlreadyWaiting = TimeSpan.FromMinutes(30);

    private sealed record Sample(HallId Hall, JsonElement Document, JsonElement Demand, IReadOnlyList<Seat> Seats, Seat Left);

    private readonly List<Sample> _samples = [];
    private IReadOnlyList<DemoStop>? _stops;
    private Caller _player = Caller.Anonymous;

    /// <summary>Null until the halls are there.</summary>
    public DemoTour? Tour => _stops is { } stops ? new DemoTour(stops, DemoAccounts.ForPeople, Now, engine.Clock.Speed) : null;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "samples");
        var stops = new List<DemoStop>();
        foreach (var name in Halls)
        {
            var document = await File.ReadAllBytesAsync(Path.Combine(samples, "halls", name + ".json"), cancellationToken);
            var imported = await import().RunAsync(document, check: false, cancellationToken);
            if (imported.Problems.Count > 0) throw new InvalidOperationException($"The sample {name} was refused: {string.Join("; ", imported.Problems)}");
            var root = JsonDocument.Parse(document).RootElement;
            var demand = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(samples, "demand", name + ".json"), cancellationToken)).RootElement;
            var seats = Seat.Of(root, DateOnly.FromDateTime(Now.DateTime));
            var sample = new Sample(new HallId(name), root, demand, seats, Seat.LeftToPeople(seats));
            _samples.Add(sample);
            var hall = (await engine.Halls.ReadAsync(sample.Hall, new ReadConfig(), cancellationToken))!.Settings;
            var window = hall.WindowById[new WindowId(sample.Left.Window)];
            stops.Add(new DemoStop(hall.Hall, hall.Name, hall.Kind, window.Window, window.Zone));
        }
        _player = await accounts.MakeAsync(_samples.Where(s => s.Left.Staff is not null).ToDictionary(s => s.Hall.Value, s => s.Left.Staff!), cancellationToken);
        _stops = stops;
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server listens first.
        await Task.Yield();
        var warsaw = DayPlan.ReadWarsaw(Path.Combine(AppContext.BaseDirectory, "samples", "warsaw", "arrivals.csv"));
        await Task.WhenAll(_samples.Select(async sample =>
        {
            try
            {
                await PlayAsync(sample, warsaw, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Its screens stand still then; the other halls play on.
                HallStopped(log, sample.Hall, e);
            }
            catch (OperationCanceledException)
            {
                // The server stops.
            }
        }));
    }

    private async Task PlayAsync(Sample sample, IReadOnlyDictionary<(int Hour, int Slot), double> warsaw, CancellationToken cancel)
    {
        var clock = engine.Clock;
        var began = Now;
        // Of the name's characters, because a string's own hash is another one in every process.
        var random = new Random(sample.Hall.Value.Aggregate(settings.Seed, (seed, letter) => unchecked(seed * 31 + letter)));
        for (var midnight = new DateTimeOffset(began.Date, Offset); ; midnight = midnight.AddDays(1))
        {
            var factor = FactorOf(sample.Demand, midnight.DayOfWeek);
            if (factor == 0) continue;
            var plan = DayPlan.Draw(sample.Document, sample.Demand, warsaw, midnight, random, factor).Where(v => v.At > began - AlreadyWaiting).ToList();
            var dice = sample.Seats.Select(_ => new Random(random.Next())).ToList();
            if (began > midnight.AddHours(17)) continue;
            var visitors = new DemoVisitors(sample.Hall, door(), clock, _player);
            var clerks = sample.Seats.Select((seat, i) => (Seat: seat, Dice: dice[i])).Where(c => c.Seat != sample.Left && c.Seat.Staff is not null).ToList();
            // In a large hall somebody is in a meeting as it begins: a paused window with its reopening is part of the picture.
            var away = clerks.Count >= 10 ? clerks[clerks.Count / 2].Seat : null;
            var arriving = visitors.ArriveAsync(plan, cancel);
            await Task.WhenAll([arriving, .. clerks.Select(c => new DemoClerk(sample.Hall, c.Seat, door(), clock, visitors, _player, c.Dice, c.Seat == away).WorkAsync(midnight, cancel))]);
            await visitors.LeaveAsync();
        }
    }

    private DateTimeOffset Now => engine.Clock.Now.ToDateTimeOffset().ToOffset(Offset);

    private static double FactorOf(JsonElement demand, DayOfWeek day) =>
        demand.GetProperty("weekdayFactor").TryGetProperty(day.ToString().ToLower(CultureInfo.InvariantCulture), out var factor) ? factor.GetDouble() : 0;

    [LoggerMessage(EventId = 2900, Level = LogLevel.Error, Message = "The demonstration's day in {Hall} stopped")]
    private static partial void HallStopped(ILogger log, HallId hall, Exception e);
}
