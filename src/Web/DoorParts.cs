using HallOps.Web.Appointments;
using HallOps.Core.Calendars;
using HallOps.Silo;
using HallOps.Web.Boards;
using HallOps.Web.Calendars;
using HallOps.Web.Halls;
using HallOps.Web.Hub;
using HallOps.Web.Storage;
using HallOps.Web.Tickets;
using HallOps.Web.Windows;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HallOps.Web;

/// <summary>The door, and everything under <c>/api/v1</c> that goes through it.</summary>
public static class DoorParts
{
    /// <summary>Needs the engine (<see cref="HallOps.Silo.IHalls"/>), <see cref="IPeople"/>, <see cref="ITexts"/>, <see cref="IHallList"/> and <see cref="IVisitRecords"/>.</summary>
    /// <param name="ticketKey">The deployment's key for tickets' tokens, 32 bytes.</param>
    public static IServiceCollection AddHallDoor(this IServiceCollection services, Func<IServiceProvider, byte[]> ticketKey)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(s => new TicketTokens(ticketKey(s)));
        services.TryAddSingleton(new HolidayNotices(HolidayData.China));
        services.AddSingleton<HallDoor>();
        services.AddSingleton<HallDocuments>();
        services.AddSingleton<CalendarTrials>();
        services.AddSingleton<OtherHalls>();
        services.AddSingleton<BoardJson>();
        services.AddHallHub();
        return services;
    }

    /// <summary>The endpoints of API.md that ask halls or change them.</summary>
    public static IEndpointRouteBuilder MapHallDoor(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1");
        api.MapHalls();
        api.MapCalendars();
        api.MapBoards();
        api.MapTickets();
        api.MapAppointments();
        api.MapAppointmentSearch();
        api.MapTicketCode();
        api.MapDesk();
        api.MapWindows();
        app.MapHallHub();
        return app;
    }
}
