using HallOps.Core.Foresight;
using HallOps.Core.Halls;
using HallOps.Core.Search;
using HallOps.Displays.Texts;

namespace HallOps.Displays.Pages;

/// <summary>What a kiosk has to know of its hall, given to its script whole: it goes on finding services while the line is down.</summary>
/// <param name="Departments">Those with services; in the document's order.</param>
/// <param name="Classes">Those that a kiosk may grant, the normal one left out.</param>
/// <param name="GuideClasses">The names of those that only people may grant.</param>
/// <param name="Frequent">Services asked for most.</param>
/// <param name="Guide">The desk where people help; null where the hall has none.</param>
/// <param name="Appointments">Some service can be booked, so visitors come with codes.</param>
public sealed record KioskHall(string Hall, Text Name, IReadOnlyList<KioskDepartment> Departments, IReadOnlyList<KioskService> Services, IReadOnlyList<KioskClass> Classes,
    Text? GuideClasses, IReadOnlyList<string> Frequent, Text? Guide, bool Appointments)
{
    /// <summary>Seconds of the hall a real second; 1 but in a demonstration.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Six large tiles, two abreast: what an eye takes in at a glance.</summary>
    public const int FrequentShown = 6;

    private const string NoDepartment = "";

    public static KioskHall Of(HallSettings hall, IReadOnlyList<ServiceId> frequent)
    {
        var departments = hall.Departments.Where(d => hall.Services.Any(s => s.Department == d.Department)).Select(d => new KioskDepartment(d.Department.Value, d.Name)).ToList();
        if (hall.Services.Any(s => s.Department is null)) departments.Add(new KioskDepartment(NoDepartment, KioskTexts.OtherServices));
        var byGuide = hall.Classes.Where(c => (c.GrantedBy & (Grants.Self | Grants.IdCard)) == 0 && (c.GrantedBy & Grants.Guide) != 0).Select(c => c.Name).ToList();
        return new KioskHall(hall.Hall.Value, hall.Name, departments,
            ServicesOf(hall),
            [.. hall.Classes.Where(c => c.Class != ClassId.Normal && (c.GrantedBy & (Grants.Self | Grants.IdCard)) != 0).Select(c => new KioskClass(c.Class.Value, c.Name, (c.GrantedBy & Grants.Self) == 0, c.AgeFrom))],
            byGuide.Count == 0 ? null : new Text(string.Join('；', byGuide.Select(n => n.Zh)), string.Join("; ", byGuide.Select(n => n.En ?? n.Zh))),
            [.. frequent.Select(s => s.Value)], GuideOf(hall), hall.Services.Any(s => s.Appointments is not null));
    }

    /// <summary>In the document's order.</summary>
    public static IReadOnlyList<KioskService> ServicesOf(HallSettings hall) =>
        [.. hall.Services.Select(s => new KioskService(s.Service.Value, s.Name, s.Department?.Value ?? NoDepartment, s.Line.Value, [.. PartsOf(hall, s).Select(p => p.Line.Value).Distinct()], s.Kind, s.PromisedDays, s.Fee, s.Materials, s.Identity, s.Alias, ServiceSearch.KeysOf(s),
            PlainEstimate.Pace(hall, PartsOf(hall, s)[0])))];

    /// <summary>What a number for it waits for: itself, or the services of a joint one, those that begin at once before the others.</summary>
    private static IReadOnlyList<ServiceSettings> PartsOf(HallSettings hall, ServiceSettings service) =>
        service.Legs.Count == 0 ? [service] : [.. service.Legs.OrderBy(leg => leg.After.Count).Select(leg => hall.ServiceById[leg.Service])];

    private static Text? GuideOf(HallSettings hall) =>
        hall.Windows.FirstOrDefault(w => w.Kind == WindowKind.Guide) is not { } desk ? null
        : desk.Name ?? CommonTexts.WindowNumber.With(desk.Window.Value);
}

public sealed record KioskDepartment(string Department, Text Name);

/// <param name="Keys">Pinyin initials of its name and aliases.</param>
/// <param name="Line">Whose prefix its numbers have.</param>
/// <param name="Lines">Those that it needs, the one it begins in first: a joint service waits in the lines of its services, and its own may have no window.</param>
/// <param name="Pace">What its estimate is of its line's, <see cref="PlainEstimate.Pace"/>: the feed gives the line's.</param>
public sealed record KioskService(string Service, Text Name, string Department, string Line, IReadOnlyList<string> Lines, ServiceKind Kind, int? PromisedDays, Text? Fee, IReadOnlyList<Text> Materials, Identity Identity,
    IReadOnlyList<string> Alias, IReadOnlyList<string> Keys, double Pace);

/// <param name="Card">Granted on an ID number.</param>
public sealed record KioskClass(string Class, Text Name, bool Card, int? AgeFrom);
